import type { JournalReader } from './journal-reader.ts';
import type { TagInfo } from './metric-store.ts';
import { countTags } from './pack.ts';
import type { StoreBackend } from './store-backend.ts';

interface Counted {
  /** Tells a run from another that was made under the same id later. */
  readonly order: number;
  throughSeq: number;
  readonly counts: Map<string, number>;
}

/** Counts the points of each tag. What was counted once is remembered, so that asking again reads only what is new. */
export class TagCounts {
  readonly #backend: StoreBackend;
  readonly #reader: JournalReader;
  readonly #runs = new Map<string, Counted>();

  constructor(backend: StoreBackend, reader: JournalReader) {
    this.#backend = backend;
    this.#reader = reader;
  }

  /** The tags of a run in the order of first appearance; none for a run that is not there. */
  async read(runId: string): Promise<readonly TagInfo[]> {
    const record = await this.#backend.getRun(runId);
    if (record === undefined) {
      this.#runs.delete(runId);
      return [];
    }
    let counted = this.#runs.get(runId);
    if (counted?.order !== record.order) {
      counted = { order: record.order, throughSeq: -1, counts: new Map() };
      this.#runs.set(runId, counted);
    }
    const lastSeq = await this.#backend.lastSeq(runId);
    for await (const records of this.#reader.batches(runId, counted.throughSeq + 1, lastSeq)) {
      for (const journalRecord of records) {
        // Two calls at once read the same records; each is counted by the one that comes first.
        if (journalRecord.seq <= counted.throughSeq) continue;
        counted.throughSeq = journalRecord.seq;
        for (const [tag, count] of this.#reader.readable(journalRecord, () => countTags(journalRecord.bytes)) ?? []) {
          counted.counts.set(tag, (counted.counts.get(tag) ?? 0) + count);
        }
      }
    }
    const tags = await this.#backend.listTags(runId);
    const { counts } = counted;
    return tags.filter(({ tag }) => counts.has(tag)).map(({ tag }) => ({ tag, count: counts.get(tag) as number })); // it was just looked for
  }
}
