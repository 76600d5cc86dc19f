import { describe, LogError } from '../core/errors.ts';
import type { NewRecord } from '../core/records.ts';
import type { RunInfo } from '../core/run-info.ts';
import type { Warner } from '../core/warnings.ts';
import { Appender } from './appender.ts';
import { checkRecordQuery } from './check-record.ts';
import { checkedRun, checkFromSeq } from './check-run.ts';
import { ChunkReader } from './chunk-reader.ts';
import type { CompactorOptions } from './compactor.ts';
import type { Batch } from './follow.ts';
import type { Hints } from './hints.ts';
import type { Suspendable } from './lifecycle.ts';
import { LiveReaders } from './live-readers.ts';
import { Maintenance } from './maintenance.ts';
import type {
  LastValue,
  MetricStore,
  NewRun,
  RecordQuery,
  ResumedRun,
  ResumeOptions,
  RunChange,
  RunFilter,
  RunLock,
  ScalarChunk,
  Series,
  SeriesQuery,
  StoredRecord,
  StoreSpace,
  TagInfo,
  TagSummary,
  UnsavedPoints,
} from './metric-store.ts';
import { RecordStore } from './record-store.ts';
import type { RetentionPolicy } from './retention.ts';
import { RunCatalog } from './run-catalog.ts';
import { byAge, type RunRecord, toRunInfo } from './run-record.ts';
import { SeriesReader } from './series-reader.ts';
import { storeSpace } from './space.ts';
import type { StoreBackend } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';
import { deleteWithoutRoom, storesOfRun } from './purge.ts';
import { closedError, isFullError, toStoreError } from './store-error.ts';
import { SummaryReader } from './summary-reader.ts';
import { TagNames } from './tag-names.ts';
import { Unsaved } from './unsaved.ts';
import type { WriterLocks } from './writer-locks.ts';

/** What a store is put together from. */
export interface JournalStoreParts {
  readonly name: string;
  readonly kind: 'indexeddb' | 'memory';
  readonly backend: StoreBackend;
  readonly hints: Hints;
  readonly locks: WriterLocks;
  readonly warn: Warner;
  /** Something stored could not be read and was left out. Default: a warning. */
  readonly onDamage?: ((error: LogError) => void) | undefined;
  readonly retention?: RetentionPolicy | undefined;
  readonly maxBytes?: number | undefined;
  readonly maintenance?: CompactorOptions | undefined;
  /** Called once, when the store is closed. */
  readonly onClose?: () => void;
}

/** A store over any place that keeps records. What it promises is written at {@link MetricStore}. */
export class JournalStore implements MetricStore, Suspendable {
  readonly name: string;
  readonly kind: 'indexeddb' | 'memory';
  readonly maxBytes: number | undefined;
  readonly #context: StoreContext;
  readonly #catalog: RunCatalog;
  readonly #appender: Appender;
  readonly #unsaved: Unsaved;
  readonly #chunks: ChunkReader;
  readonly #series: SeriesReader;
  readonly #summaries: SummaryReader;
  readonly #records: RecordStore;
  readonly #maintenance: Maintenance;
  readonly #live: LiveReaders;
  readonly #onClose: (() => void) | undefined;
  #isClosed = false;

  constructor(parts: JournalStoreParts) {
    const { name, kind, backend, hints, locks, warn, onDamage, retention, maintenance } = parts;
    this.name = name;
    this.kind = kind;
    this.maxBytes = parts.maxBytes;
    this.#onClose = parts.onClose;
    const context: StoreContext = { name, kind, backend, hints, locks, warn, onDamage: createDamageReport(warn, onDamage) };
    this.#context = context;
    this.#catalog = new RunCatalog(context);
    this.#appender = new Appender(backend);
    this.#unsaved = new Unsaved(context);
    const names = new TagNames(context);
    this.#chunks = new ChunkReader(context, names, this.#unsaved);
    this.#series = new SeriesReader(context);
    this.#summaries = new SummaryReader(context, names);
    this.#records = new RecordStore(context);
    this.#maintenance = new Maintenance(context, { records: this.#records, retention, maxBytes: parts.maxBytes, compactor: maintenance });
    this.#live = new LiveReaders(context, () => this.#catalog.running());
    this.#maintenance.start();
  }

  async runs(filter: RunFilter = {}): Promise<readonly RunInfo[]> {
    return this.#call('runs()', async () => this.#infos(await this.#catalog.list(filter)));
  }

  async run(runId: string): Promise<RunInfo | undefined> {
    return this.#call(`run('${runId}')`, async () => {
      const record = await this.#catalog.get(runId);
      return record && (await this.#info(record));
    });
  }

  async createRun(run: NewRun): Promise<RunInfo> {
    return this.#call('createRun()', async () => {
      if (!Number.isFinite(run.startedAt)) {
        throw new LogError(
          'bad-options',
          `createRun(): startedAt is ${describe(run.startedAt)}, need seconds since 1970, e.g. Date.now() / 1000.`,
        );
      }
      const fields = checkedRun(run, 'createRun()');
      let record = await this.#catalog.create(fields);
      while (record === undefined) {
        // The id is that of a deleted run, which now cannot be restored any more.
        await this.#maintenance.purgeNow(run.id as string); // only an id that was given can be taken
        record = await this.#catalog.create(fields);
      }
      this.#appender.forget(record.id);
      await this.#context.locks.recordMade?.(record.id);
      this.#maintenance.runMade(record.id);
      return this.#changed(record);
    });
  }

  async updateRun(runId: string, change: RunChange): Promise<RunInfo> {
    return this.#call(`updateRun('${runId}')`, async () => {
      const record = await this.#catalog.change(runId, checkedRun(change, `updateRun('${runId}')`));
      if (change.status !== undefined) {
        this.#appender.forget(runId);
        this.#maintenance.runEnded(runId);
      }
      return this.#changed(record);
    });
  }

  async deleteRun(runId: string): Promise<void> {
    await this.#call(`deleteRun('${runId}')`, async () => {
      if (!(await this.#markDeleted(runId))) return;
      this.#appender.forget(runId);
      this.#maintenance.runDeleted(runId);
      this.#context.hints.announceRuns();
    });
  }

  // Where there is no room even for the mark, the run is gone for good.
  async #markDeleted(runId: string): Promise<boolean> {
    try {
      return await this.#catalog.markDeleted(runId, Date.now());
    } catch (thrown) {
      if (!isFullError(thrown)) throw thrown;
      const isGone = await this.#context.backend.write(storesOfRun, (tx) => deleteWithoutRoom(tx, runId));
      return isGone || this.#catalog.markDeleted(runId, Date.now(), true);
    }
  }

  async restoreRun(runId: string): Promise<RunInfo> {
    return this.#call(`restoreRun('${runId}')`, async () => this.#changed(await this.#catalog.restore(runId)));
  }

  async resumeRun(runId: string, options: ResumeOptions): Promise<ResumedRun> {
    return this.#call(`resumeRun('${runId}')`, async () => {
      const { record, nextSeq } = await this.#catalog.resume(runId, options);
      this.#appender.forget(runId);
      await this.#context.locks.recordMade?.(runId);
      return { info: await this.#changed(record), nextSeq };
    });
  }

  async bringBack(runId: string, generation?: number): Promise<RunInfo> {
    return this.#call(`bringBack('${runId}')`, async () => this.#changed(await this.#catalog.bringBack(runId, generation)));
  }

  async append(chunk: ScalarChunk): Promise<void> {
    const { runId, seq } = chunk;
    await this.#call(`append(run '${runId}', chunk ${seq})`, async () => {
      const points = chunk.value.length;
      if (this.maxBytes !== undefined) await this.#maintenance.makeRoom();
      const bytes = await this.#appender.append(chunk);
      this.#context.hints.announceChunk({ runId, seq, points });
      this.#maintenance.appended(runId, bytes, points);
    });
  }

  chunks(runId: string, fromSeq = 0, withSuperseded = false): AsyncIterable<ScalarChunk> {
    const call = `chunks('${runId}')`;
    checkFromSeq(fromSeq, call);
    return this.#iterate(call, this.#chunks.chunks(runId, fromSeq, withSuperseded));
  }

  async tags(runId: string): Promise<readonly TagInfo[]> {
    return this.#call(`tags('${runId}')`, () => this.#summaries.tags(runId));
  }

  async summary(runId: string): Promise<readonly TagSummary[]> {
    return this.#call(`summary('${runId}')`, () => this.#summaries.summary(runId));
  }

  async lastValues(runId: string): Promise<readonly LastValue[]> {
    return this.#call(`lastValues('${runId}')`, () => this.#summaries.lastValues(runId));
  }

  async series(runId: string, tag: string, query: SeriesQuery = {}): Promise<Series> {
    return this.#call(`series('${runId}', '${tag}')`, () => this.#series.series(runId, tag, query));
  }

  offerUnsaved(runId: string, read: () => readonly UnsavedPoints[] | Promise<readonly UnsavedPoints[]>): () => void {
    this.#assertOpen(`offerUnsaved('${runId}')`);
    return this.#unsaved.offer(runId, read);
  }

  async addRecords(runId: string, records: readonly NewRecord[]): Promise<void> {
    await this.#call(`addRecords('${runId}')`, async () => {
      if (this.maxBytes !== undefined) await this.#maintenance.makeRoom();
      const index = await this.#records.add(runId, records);
      this.#maintenance.recorded(records.reduce((sum, { content }) => sum + (content?.size ?? 0), 0));
      if (index !== undefined) this.#context.hints.announceRecords({ runId, index });
    });
  }

  async records(runId: string, query: RecordQuery = {}): Promise<readonly StoredRecord[]> {
    return this.#call(`records('${runId}')`, () => this.#records.list(runId, query));
  }

  async content(record: StoredRecord): Promise<Blob | undefined> {
    return this.#call('content()', () => this.#records.content(record));
  }

  follow(runId: string, listener: (chunk: ScalarChunk) => void, fromSeq = 0): () => void {
    const call = `follow('${runId}')`;
    this.#assertOpen(call);
    checkFromSeq(fromSeq, call);
    const read = (from: number): Promise<Batch<ScalarChunk>> => this.#call(call, () => this.#chunks.chunkBatch(runId, from));
    return this.#live.follow(runId, listener, fromSeq, read);
  }

  followRecords(runId: string, listener: (record: StoredRecord) => void, fromIndex = 0): () => void {
    const call = `followRecords('${runId}')`;
    this.#assertOpen(call);
    checkRecordQuery({ fromIndex }, call);
    const read = (from: number): Promise<Batch<StoredRecord>> => this.#call(call, () => this.#records.batch(runId, from));
    return this.#live.followRecords(runId, listener, fromIndex, read);
  }

  watchRuns(listener: () => void): () => void {
    this.#assertOpen('watchRuns()');
    return this.#live.watchRuns(() => {
      // A worker whose run has ended may have closed its store before it could tidy up.
      this.#maintenance.start();
      listener();
    });
  }

  async lockRun(runId: string): Promise<RunLock> {
    return this.#call(`lockRun('${runId}')`, async () => {
      const { hints, locks } = this.#context;
      const lock = await locks.take(runId);
      hints.announceRuns();
      return {
        release() {
          void lock.release().then(() => hints.announceRuns());
        },
      };
    });
  }

  async freeRun(runId: string): Promise<void> {
    await this.#call(`freeRun('${runId}')`, async () => {
      const { hints, locks } = this.#context;
      await locks.free?.(runId);
      hints.announceRuns();
    });
  }

  async space(): Promise<StoreSpace> {
    return this.#call('space()', () => storeSpace());
  }

  async maintain(): Promise<void> {
    await this.#call('maintain()', () => this.#maintenance.maintain());
  }

  /** Lets the database and the channel go; calls and {@link JournalStore.resume} take them again. */
  suspend(): void {
    // First: what the others break off may ask for it again at once.
    this.#context.backend.suspend();
    this.#live.suspend();
    this.#maintenance.suspend();
    this.#context.hints.suspend();
  }

  resume(): void {
    this.#context.backend.resume?.();
    this.#context.hints.resume();
    this.#maintenance.resume();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#live.close();
    this.#isClosed = true;
    this.#maintenance.close();
    this.#onClose?.();
    this.#context.backend.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#iterate(call: string, chunks: AsyncIterable<ScalarChunk>): AsyncGenerator<ScalarChunk, void, undefined> {
    try {
      this.#assertOpen(call);
      for await (const chunk of chunks) {
        this.#assertOpen(call);
        yield chunk;
      }
      this.#assertOpen(call);
    } catch (thrown) {
      throw this.#isClosed ? closedError(call) : toStoreError(thrown, call);
    }
  }

  async #infos(records: readonly RunRecord[]): Promise<readonly RunInfo[]> {
    const running = records.filter((record) => record.status === 'running');
    const live = running.length === 0 ? new Set<string>() : await this.#context.locks.live(running);
    return [...records].sort(byAge).map((record) => toRunInfo(record, live.has(record.id)));
  }

  async #info(record: RunRecord): Promise<RunInfo> {
    const [info] = await this.#infos([record]);
    return info as RunInfo; // one record in, one out
  }

  #changed(record: RunRecord): Promise<RunInfo> {
    this.#context.hints.announceRuns();
    return this.#info(record);
  }

  async #call<Result>(call: string, work: () => Promise<Result>): Promise<Result> {
    this.#assertOpen(call);
    try {
      return await work();
    } catch (thrown) {
      throw this.#isClosed ? closedError(call) : toStoreError(thrown, call);
    }
  }

  #assertOpen(call: string): void {
    if (this.#isClosed) throw closedError(call);
  }
}

function createDamageReport(warn: Warner, onDamage: ((error: LogError) => void) | undefined): StoreContext['onDamage'] {
  const told = new Set<string>();
  return (error, place) => {
    if (onDamage === undefined) return warn(`damaged:${place}`, `${place}: ${error.message}`);
    if (told.has(place)) return;
    told.add(place);
    onDamage(error);
  };
}
