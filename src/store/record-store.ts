import { LogError, toLogError } from '../core/errors.ts';
import type { NewRecord } from '../core/records.ts';
import { checkRecordQuery, copyRecord, isRecordKind } from './check-record.ts';
import { contentHash } from './content-hash.ts';
import type { Batch } from './follow.ts';
import type { RecordQuery, StoredContent, StoredRecord } from './record-types.ts';
import { identityOf, type RunRecord } from './run-record.ts';
import type { StoreName } from './schema.ts';
import { keysUnder, type KeyRange, type Reading, type RecordKey, type Writing } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';
import { notFoundError } from './store-error.ts';

/** Contents up to this many bytes are kept in their record. */
const mostInline = 4096;
/** Records that are handed to a follower from one transaction, at most. */
const mostFollowed = 64;

/** The object stores that {@link RecordStore.release} needs in its transaction. */
export const contentStores: readonly StoreName[] = ['contents', 'references'];

/** A record on its way into the database. `blob` goes beside it, under its hash. */
interface Prepared {
  readonly record: Omit<StoredRecord, 'runId' | 'index' | 'generation'>;
  readonly blob?: Blob;
}

/**
 * Texts, images, checkpoints and all else beside numbers. Large contents are kept once, under their hash, with a count of the
 * records that hold them; the count changes in the transaction that adds or removes a record.
 */
export class RecordStore {
  readonly #context: StoreContext;
  /** For each run the end of what was asked for last: records are stored in the order of the calls. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /**
   * Resolves after the commit with the index of the last one. Rejects with `bad-data`, `bad-tag`, `run-not-found`, or the platform's
   * error; then none is stored.
   */
  async add(runId: string, records: readonly NewRecord[]): Promise<number | undefined> {
    const call = `addRecords('${runId}')`;
    // Copied before anything is awaited: the caller may use its arrays again.
    const copies = records.map((record) => copyRecord(record, call));
    if (copies.length === 0) return undefined;
    const adding = this.#add(runId, copies, call, this.#last.get(runId));
    const ended = adding.then(
      () => {},
      () => {},
    );
    this.#last.set(runId, ended);
    const index = await adding;
    if (this.#last.get(runId) === ended) this.#last.delete(runId);
    return index;
  }

  /** Empty for a run that is not there. Rejects with `bad-options`. */
  async list(runId: string, query: RecordQuery = {}): Promise<readonly StoredRecord[]> {
    checkRecordQuery(query, `records('${runId}')`);
    const { kind, tag, fromIndex = 0, limit, withSuperseded } = query;
    const path = kind === undefined ? [runId] : tag === undefined ? [runId, kind] : [runId, kind, tag];
    const range: KeyRange = tag === undefined ? keysUnder(...path) : { from: [...path, fromIndex], to: [...path, []] };
    return this.#context.backend.read(['runs', 'records'], async (tx) => {
      const run = await tx.get('runs', runId);
      if (run === undefined || run.deletedAt !== undefined) return [];
      const isWanted = (record: StoredRecord): boolean =>
        this.#isReadable(record, runId) && record.index >= fromIndex && (withSuperseded === true || !isSuperseded(record, run));
      if (limit === undefined) return (await tx.getAll('records', range)).filter(isWanted).sort((a, b) => a.index - b.index);
      return firstOf(tx, range, fromIndex, limit, isWanted);
    });
  }

  /** A few records from `fromIndex` on, for those who follow the run. */
  batch(runId: string, fromIndex: number): Promise<Batch<StoredRecord>> {
    return this.#context.backend.read(['runs', 'records'], async (tx) => {
      const run = await tx.get('runs', runId);
      if (run === undefined || run.deletedAt !== undefined) return { items: [], next: fromIndex };
      const identity = identityOf(run);
      const { nextIndex = 0 } = run;
      // Most often nothing is new; then the keys of what is old are not read.
      if (nextIndex <= fromIndex) return { items: [], identity, next: fromIndex };
      const isWanted = (record: StoredRecord): boolean => this.#isReadable(record, runId) && !isSuperseded(record, run);
      const items = await firstOf(tx, keysUnder(runId), fromIndex, mostFollowed, isWanted);
      const last = items.length < mostFollowed ? undefined : items.at(-1);
      return { items, identity, next: last === undefined ? nextIndex : last.index + 1 };
    });
  }

  /** Undefined for a record without content. Rejects with `bad-data` when it is not there any more or not what was stored. */
  async content(record: StoredRecord): Promise<Blob | undefined> {
    const { runId, kind, tag, content } = record;
    if (content === undefined) return undefined;
    const { type, size, hash, inline } = content;
    const call = `content(${kind} '${tag}' of run '${runId}')`;
    const stored = inline === undefined ? await this.#context.backend.read(['contents'], (tx) => tx.get('contents', hash)) : undefined;
    const blob = inline === undefined ? stored?.blob : new Blob([inline]);
    if (blob === undefined) throw lostError(call, 'it is not in the store any more; the run may have been deleted');
    if (blob.size !== size) throw lostError(call, `${blob.size} bytes are left of ${size}`);
    const found = await contentHash(blob).catch((thrown: unknown) => {
      throw lostError(call, 'the browser cannot read it', thrown);
    });
    if (found !== hash) throw lostError(call, 'its bytes are not those that were stored');
    return blob.slice(0, size, type);
  }

  /**
   * Lets go of the contents of records that are deleted in the same transaction, which needs {@link contentStores} in its scope.
   * Contents that no record holds any more are deleted.
   */
  async release(tx: Writing, records: readonly StoredRecord[]): Promise<void> {
    const counts = new Map<string, number>();
    for (const { content } of records) {
      // A damaged record may hold anything.
      if (typeof content?.hash === 'string' && content.inline === undefined) counts.set(content.hash, (counts.get(content.hash) ?? 0) + 1);
    }
    await Promise.all(
      Array.from(counts, async ([hash, count]) => {
        const held = await tx.get('references', hash);
        // Without a count nobody knows who else holds it: better a content too many than one too few.
        if (held === undefined) return;
        if (held.references > count) return tx.put('references', { hash, references: held.references - count });
        await Promise.all([tx.delete('references', hash), tx.delete('contents', hash)]);
      }),
    );
  }

  async #add(runId: string, records: readonly NewRecord[], call: string, before: Promise<void> | undefined): Promise<number> {
    const prepared = await Promise.all(records.map((record) => this.#prepare(record, call)));
    await before;
    const held = new Map<string, { readonly blob: Blob; readonly count: number }>();
    for (const { record, blob } of prepared) {
      const hash = record.content?.hash;
      if (blob !== undefined && hash !== undefined) held.set(hash, { blob, count: (held.get(hash)?.count ?? 0) + 1 });
    }
    const scope: StoreName[] = ['runs', 'records', ...(held.size === 0 ? [] : contentStores)];
    const durability = records.some(({ kind }) => kind === 'checkpoint') ? 'strict' : 'relaxed';
    const work = async (tx: Writing): Promise<number> => {
      const run = await tx.get('runs', runId);
      if (run === undefined || run.isPurging === true) throw notFoundError(call, runId);
      const { resumes = [], nextIndex = 0 } = run;
      await Promise.all([
        tx.put('runs', { ...run, nextIndex: nextIndex + prepared.length }),
        ...prepared.map(({ record }, i) => tx.add('records', { ...record, runId, index: nextIndex + i, generation: resumes.length })),
        ...Array.from(held, ([hash, { blob, count }]) => hold(tx, hash, blob, count)),
      ]);
      return nextIndex + prepared.length - 1;
    };
    return this.#context.backend.write(scope, work, { durability });
  }

  async #prepare({ content, ...rest }: NewRecord, call: string): Promise<Prepared> {
    if (content === undefined) return { record: rest };
    try {
      const { type, size } = content;
      const stored: StoredContent = { type, size, hash: await contentHash(content) };
      if (size <= mostInline) return { record: { ...rest, content: { ...stored, inline: await content.arrayBuffer() } } };
      // Without its type, which is the record's own, and for a File without its name. A database copies what a File on disk holds, memory does not.
      const blob = this.#context.kind === 'memory' ? new Blob([await content.arrayBuffer()]) : content.slice();
      return { record: { ...rest, content: stored }, blob };
    } catch (thrown) {
      throw toLogError(thrown, 'bad-data', `${call}: the content of ${rest.kind} '${rest.tag}' cannot be read`);
    }
  }

  #isReadable(record: StoredRecord, runId: string): boolean {
    const { kind, tag, index, step, generation, content } = record;
    if (isRecordKind(kind) && Number.isFinite(step) && Number.isSafeInteger(generation) && isContent(content)) return true;
    const place = `record ${index} of run '${runId}'`;
    this.#context.onDamage(
      new LogError(
        'bad-data',
        `records('${runId}'): record ${index}, ${kind} '${tag}', is damaged or from a newer program; it is left out.`,
      ),
      place,
    );
    return false;
  }
}

function isContent(content: Partial<StoredContent> | undefined): boolean {
  return (
    content === undefined || (typeof content?.hash === 'string' && Number.isSafeInteger(content.size) && typeof content.type === 'string')
  );
}

// In the order of their indexes, which is not that of their keys. Superseded ones do not count.
async function firstOf(
  tx: Reading,
  range: KeyRange,
  fromIndex: number,
  limit: number,
  isWanted: (record: StoredRecord) => boolean,
): Promise<readonly StoredRecord[]> {
  const keys = (await tx.keys('records', range)).filter((key) => indexIn(key) >= fromIndex).sort((a, b) => indexIn(a) - indexIn(b));
  const found: StoredRecord[] = [];
  for (let at = 0; found.length < limit && at < keys.length;) {
    const next = keys.slice(at, at + limit - found.length);
    at += next.length;
    for (const record of await Promise.all(next.map((key) => tx.get('records', key)))) {
      if (record !== undefined && isWanted(record)) found.push(record);
    }
  }
  return found;
}

function indexIn(key: RecordKey): number {
  return key[3] as unknown as number; // the fourth part of a record's key, says the schema
}

function isSuperseded({ step, generation }: StoredRecord, { resumes = [] }: RunRecord): boolean {
  return resumes.some(
    (resume) => resume.generation > generation && resume.isBroughtBack !== true && resume.fromStep !== undefined && step >= resume.fromStep,
  );
}

async function hold(tx: Writing, hash: string, blob: Blob, count: number): Promise<void> {
  const [isThere, held] = await Promise.all([tx.has('contents', hash), tx.get('references', hash)]);
  await Promise.all([
    isThere ? undefined : tx.put('contents', { hash, blob }),
    tx.put('references', { hash, references: (held?.references ?? 0) + count }),
  ]);
}

function lostError(call: string, found: string, cause?: unknown): LogError {
  return new LogError('bad-data', `${call}: the content is lost or damaged: ${found}. What else the run holds is untouched.`, { cause });
}
