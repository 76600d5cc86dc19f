import { checkChunk } from './check-chunk.ts';
import { isSamePack, packChunk } from './pack.ts';
import { lastSeqOf } from './run-catalog.ts';
import type { JournalRecord, StoreName, TagRecord } from './schema.ts';
import type { ScalarChunk } from './series-types.ts';
import type { StoreBackend, Writing } from './store-backend.ts';
import { notFoundError, supersededError, wrongSeqError } from './store-error.ts';

/** Thrown inside a transaction to undo it: the chunk before was not found there. */
const unanchored = new Error('the chunk before is not there');

/** The tags of a run by number. */
interface KnownTags {
  readonly numbers: Map<string, number>;
  /** The number of the next new tag. */
  next: number;
}

/**
 * Writes chunks to the journal: one chunk, one transaction over exactly the object stores it needs, every request made at once.
 */
export class Appender {
  readonly #backend: StoreBackend;
  /** The numbers of the tags of runs that are written through this store. */
  readonly #tagNumbers = new Map<string, KnownTags>();
  readonly #loading = new Map<string, Promise<KnownTags>>();

  constructor(backend: StoreBackend) {
    this.#backend = backend;
  }

  /** Bytes written. Rejects with `bad-data`, `run-not-found`, `run-locked`, or the platform's error. The same chunk once more is no error. */
  async append(chunk: ScalarChunk): Promise<number> {
    checkChunk(chunk);
    const { runId, seq } = chunk;
    if (seq === 0) this.#tagNumbers.set(runId, { numbers: new Map(), next: 0 });
    const known = this.#tagNumbers.get(runId);
    // Packed before anything is awaited: the caller may use its arrays again.
    if (known !== undefined) return this.#write(chunk, known);
    const copy = copied(chunk);
    return this.#write(copy, await this.#load(runId));
  }

  /** Forgets what it knows about a run that has ended, was deleted, or may have been written by somebody else since. */
  forget(runId: string): void {
    this.#tagNumbers.delete(runId);
  }

  async #write(chunk: ScalarChunk, known: KnownTags): Promise<number> {
    const { runId, seq, tags } = chunk;
    const fresh: TagRecord[] = [];
    const numbers = tags.map((tag) => {
      let number = known.numbers.get(tag);
      if (number === undefined) {
        number = known.next;
        known.next += 1;
        // Known from now on: a chunk appended meanwhile stands or falls with this one.
        known.numbers.set(tag, number);
        fresh.push({ runId, tag, order: number, firstSeq: seq });
      }
      return number;
    });
    const bytes = packChunk(chunk, numbers);
    const record: JournalRecord = { runId, seq, points: chunk.value.length, bytes };
    // The chunk before is proof that the run is still there and that nothing is missing. It may have been compacted; the run's record knows.
    let isThorough = seq === 0;
    for (;;) {
      try {
        await this.#commit(record, fresh, isThorough);
        return bytes.byteLength;
      } catch (thrown) {
        if (thrown === unanchored && !isThorough) {
          isThorough = true;
          continue;
        }
        this.forget(runId);
        if (thrown !== unanchored && !(thrown instanceof DOMException && thrown.name === 'ConstraintError')) throw thrown;
        await this.#explain(record);
        return bytes.byteLength;
      }
    }
  }

  async #commit(record: JournalRecord, fresh: readonly TagRecord[], isThorough: boolean): Promise<void> {
    const { runId, seq } = record;
    const scope: StoreName[] = ['journal'];
    if (fresh.length > 0) scope.push('tags');
    if (isThorough) scope.push('runs');
    const [newTag] = fresh;
    const assertFree = async (tx: Writing): Promise<void> => {
      // A second writer, which has numbered tags of its own, is found here.
      if (newTag !== undefined && (await tx.tagsFrom(runId, newTag.order)).length > 0) throw unanchored;
    };
    const assertAnchored = async (tx: Writing): Promise<void> => {
      if (!isThorough) {
        if (!(await tx.has('journal', [runId, seq - 1]))) throw unanchored;
        return;
      }
      const run = await tx.get('runs', runId);
      if (run === undefined || run.isPurging === true || (await lastSeqOf(tx, run)) !== seq - 1) throw unanchored;
    };
    await this.#backend.write(scope, async (tx) => {
      const add = (): Promise<unknown> => Promise.all([tx.add('journal', record), ...fresh.map((tag) => tx.add('tags', tag))]);
      // The thorough look must not see the new chunk; the other one can be made at the same time.
      if (isThorough) {
        await Promise.all([assertAnchored(tx), assertFree(tx)]);
        await add();
      } else await Promise.all([assertAnchored(tx), assertFree(tx), add()]);
    });
  }

  // Somebody else wrote this chunk or one of its tags, or what should come before it is not there. Throws what is the matter,
  // unless it is this very chunk that is stored: a writer offers it again when the answer got lost.
  async #explain(record: JournalRecord): Promise<void> {
    const { runId, seq, bytes } = record;
    const call = `append(run '${runId}', chunk ${seq})`;
    await this.#backend.read(['runs', 'journal'], async (tx) => {
      const [run, stored] = await Promise.all([tx.get('runs', runId), tx.get('journal', [runId, seq])]);
      if (run === undefined || run.isPurging === true) throw notFoundError(call, runId);
      if (stored !== undefined && isSamePack(stored.bytes, bytes)) return;
      // A continuation takes the number that a writer before would write next.
      if (run.resumes?.some(({ fromSeq }) => seq <= fromSeq) === true) throw supersededError(call, runId);
      throw wrongSeqError(call, seq, await lastSeqOf(tx, run));
    });
  }

  #load(runId: string): Promise<KnownTags> {
    let loading = this.#loading.get(runId);
    if (loading === undefined) {
      loading = this.#backend
        .read(['tags'], (tx) => tx.tagsFrom(runId, 0))
        .then((tags) => {
          // Not their count: where the record of a tag was lost, its number stays taken.
          const known = { numbers: new Map(tags.map(({ tag, order }) => [tag, order])), next: (tags.at(-1)?.order ?? -1) + 1 };
          this.#tagNumbers.set(runId, known);
          return known;
        })
        .finally(() => this.#loading.delete(runId));
      this.#loading.set(runId, loading);
    }
    return loading;
  }
}

function copied(chunk: ScalarChunk): ScalarChunk {
  const { tag, step, epoch, wallTime, value } = chunk;
  return { ...chunk, tag: tag.slice(), step: step.slice(), epoch: epoch.slice(), wallTime: wallTime.slice(), value: value.slice() };
}
