import { LogError } from '../core/errors.ts';
import { identityOf, type RunRecord } from './run-record.ts';
import type { Reading } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';

/** The tags of one run and their numbers. */
export interface RunTags {
  /** Numbers run from 0 up to this. */
  readonly length: number;
  /** Undefined, and reported, when no tag has this number: its record is lost. */
  nameOf(number: number): string | undefined;
  numberOf(name: string): number | undefined;
}

interface Known {
  readonly identity: string;
  readonly names: (string | undefined)[];
  readonly numbers: Map<string, number>;
}

/** How many runs are remembered. */
const mostRuns = 100;

/** Remembers which number each tag of a run has: what is once written never changes. */
export class TagNames {
  readonly #context: StoreContext;
  readonly #runs = new Map<string, Known>();

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** All tags of a run as of a transaction, which must reach `tags`. Reads only those that were not known before. */
  async read(tx: Reading, record: RunRecord): Promise<RunTags> {
    const { id } = record;
    let known = this.#runs.get(id);
    const identity = identityOf(record);
    if (known?.identity !== identity) {
      known = { identity, names: [], numbers: new Map() };
      this.#runs.delete(id);
      this.#runs.set(id, known);
      if (this.#runs.size > mostRuns) this.#runs.delete(this.#runs.keys().next().value as string); // there are more than none
    }
    const { names, numbers } = known;
    for (const { tag, order } of await tx.tagsFrom(id, names.length)) {
      // Two tags of one number are damage, and nobody can tell whose a point is.
      const isTaken = names[order] !== undefined && names[order] !== tag;
      if (isTaken) numbers.delete(names[order] as string); // it is not undefined
      else numbers.set(tag, order);
      names[order] = isTaken ? undefined : tag;
    }
    return {
      length: names.length,
      nameOf: (number) => {
        const name = names[number];
        if (name === undefined) {
          const place = `tag ${number} of run '${id}'`;
          const text = `the name of ${place} cannot be found. Its points are left out; all others are read.`;
          this.#context.onDamage(new LogError('bad-data', text), place);
        }
        return name;
      },
      numberOf: (name) => numbers.get(name),
    };
  }
}
