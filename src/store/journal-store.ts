import { describe, type LogError } from '../core/errors.ts';
import type { RunInfo } from '../core/run-info.ts';
import { newRunId } from '../core/run-id.ts';
import type { Warner } from '../core/warnings.ts';
import { checkChunk } from './check-chunk.ts';
import { createFollower } from './follow.ts';
import { announceEveryMs, type Hints } from './hints.ts';
import { JournalReader } from './journal-reader.ts';
import type { Suspendable } from './lifecycle.ts';
import type { MetricStore, NewRun, RunChange, RunLock, ScalarChunk, Series, SeriesQuery, TagInfo } from './metric-store.ts';
import { packChunk, type PointColumns, unpackChunk, unpackTag } from './pack.ts';
import { byAge, changedRunRecord, type RunRecord, toRunInfo } from './run-record.ts';
import { checkSeriesQuery, toSeries, withinQuery } from './series.ts';
import type { StoreBackend } from './store-backend.ts';
import { closedError, notFoundError, toStoreError } from './store-error.ts';
import { TagCounts } from './tag-counts.ts';
import { createThrottle } from './throttle.ts';
import type { WriterLocks } from './writer-locks.ts';
import { WriterWatch } from './writer-watch.ts';

/** What a store is put together from. */
export interface JournalStoreParts {
  readonly name: string;
  readonly kind: 'indexeddb' | 'memory';
  readonly backend: StoreBackend;
  readonly hints: Hints;
  readonly locks: WriterLocks;
  readonly warn: Warner;
  /** A stored chunk could not be read and was left out. Default: a warning. */
  readonly onDamage?: ((error: LogError) => void) | undefined;
  /** Called once, when the store is closed. */
  readonly onClose?: () => void;
}

/** A store over any place that keeps a journal. What it promises is written at {@link MetricStore}. */
export class JournalStore implements MetricStore, Suspendable {
  readonly name: string;
  readonly kind: 'indexeddb' | 'memory';
  readonly #parts: JournalStoreParts;
  readonly #reader: JournalReader;
  readonly #tagCounts: TagCounts;
  readonly #watch: WriterWatch;
  readonly #undos = new Set<() => void>();
  /** How often each run is followed, and how many watch all runs. */
  readonly #followed = new Map<string, number>();
  #runWatchers = 0;
  #isWatchDue = false;
  #isWatchRunning = false;
  #isClosed = false;

  constructor(parts: JournalStoreParts) {
    this.name = parts.name;
    this.kind = parts.kind;
    this.#parts = parts;
    this.#reader = new JournalReader(parts.backend, (error, record) => this.#damaged(error, record));
    this.#tagCounts = new TagCounts(parts.backend, this.#reader);
    this.#watch = new WriterWatch(parts.locks, () => {
      // A writer that died may have taken its last announcement with it.
      parts.hints.lookAgain();
      void this.#watchWriters();
    });
  }

  async runs(filter: { readonly project?: string } = {}): Promise<readonly RunInfo[]> {
    return this.#call('runs()', async () => this.#infos(await this.#parts.backend.listRuns({ project: filter.project })));
  }

  async run(runId: string): Promise<RunInfo | undefined> {
    return this.#call(`run('${runId}')`, async () => {
      const record = await this.#parts.backend.getRun(runId);
      return record && (await this.#info(record));
    });
  }

  async createRun(run: NewRun): Promise<RunInfo> {
    return this.#call('createRun()', async () => {
      const record = await this.#parts.backend.addRun(run, run.id ?? newRunId());
      await this.#parts.locks.recordMade?.(record.id);
      this.#parts.hints.announceRuns();
      return this.#info(record);
    });
  }

  async updateRun(runId: string, change: RunChange): Promise<RunInfo> {
    const call = `updateRun('${runId}')`;
    return this.#call(call, async () => {
      const record = await this.#parts.backend.changeRun(runId, (stored) => changedRunRecord(stored, change));
      if (record === undefined) throw notFoundError(call, runId);
      this.#parts.hints.announceRuns();
      return this.#info(record);
    });
  }

  async deleteRun(runId: string): Promise<void> {
    await this.#call(`deleteRun('${runId}')`, async () => {
      if (await this.#parts.backend.removeRun(runId)) this.#parts.hints.announceRuns();
    });
  }

  async append(chunk: ScalarChunk): Promise<void> {
    const { runId, seq, tags } = chunk;
    await this.#call(`append(run '${runId}', chunk ${seq})`, async () => {
      checkChunk(chunk);
      const points = chunk.value.length;
      // Packed before anything is awaited: the caller may use its arrays again.
      await this.#parts.backend.append({ runId, seq, points, bytes: packChunk(chunk) }, tags);
      this.#parts.hints.announceChunk({ runId, seq, points });
    });
  }

  chunks(runId: string, fromSeq = 0): AsyncIterable<ScalarChunk> {
    const call = `chunks('${runId}')`;
    const through = this.#call(call, () => this.#parts.backend.lastSeq(runId));
    // Told to whoever iterates; nobody may.
    through.catch(() => {});
    return { [Symbol.asyncIterator]: () => this.#readChunks(call, runId, fromSeq, through) };
  }

  async tags(runId: string): Promise<readonly TagInfo[]> {
    return this.#call(`tags('${runId}')`, () => this.#tagCounts.read(runId));
  }

  async series(runId: string, tag: string, query: SeriesQuery = {}): Promise<Series> {
    const call = `series('${runId}', '${tag}')`;
    return this.#call(call, async () => {
      checkSeriesQuery(query, call);
      const { startedAt, firstSeq, lastSeq } = await this.#parts.backend.locate(runId, tag);
      const parts: PointColumns[] = [];
      if (firstSeq !== undefined) {
        for await (const records of this.#reader.batches(runId, firstSeq, lastSeq)) {
          for (const record of records) {
            const points = this.#reader.readable(record, () => unpackTag(record.bytes, tag));
            if (points !== undefined) parts.push(withinQuery(points, query, startedAt));
          }
        }
      }
      return toSeries({ runId, tag, throughSeq: lastSeq }, parts, query.maxPoints);
    });
  }

  follow(runId: string, listener: (chunk: ScalarChunk) => void, fromSeq = 0): () => void {
    this.#assertOpen(`follow('${runId}')`);
    const follower = createFollower({
      fromSeq,
      read: (from) => this.#call(`follow('${runId}')`, () => this.#reader.chunkBatch(runId, from)),
      deliver: (chunk) => this.#guarded('follow()', () => listener(chunk)),
      failed: (thrown) => this.#readFailed(thrown),
    });
    // Hints first, then the past: what is committed in between is seen twice and read once.
    const unlisten = this.#parts.hints.listen({
      onChunk: (hint) => hint.runId === runId && follower.lookAgain(hint.seq),
      onRuns: () => void this.#watchWriters(),
      onLookAgain: () => follower.lookAgain(),
    });
    this.#followed.set(runId, (this.#followed.get(runId) ?? 0) + 1);
    follower.lookAgain();
    void this.#watchWriters();
    return this.#undoable(() => {
      follower.stop();
      unlisten();
      const left = (this.#followed.get(runId) ?? 1) - 1;
      if (left > 0) this.#followed.set(runId, left);
      else this.#followed.delete(runId);
    });
  }

  watchRuns(listener: () => void): () => void {
    this.#assertOpen('watchRuns()');
    const tell = createThrottle(() => this.#guarded('watchRuns()', listener), announceEveryMs);
    const changed = (): void => {
      void this.#watchWriters();
      tell();
    };
    const unlisten = this.#parts.hints.listen({ onRuns: changed, onLookAgain: changed });
    this.#runWatchers += 1;
    void this.#watchWriters();
    return this.#undoable(() => {
      unlisten();
      tell.cancel();
      this.#runWatchers -= 1;
    });
  }

  async lockRun(runId: string): Promise<RunLock> {
    return this.#call(`lockRun('${runId}')`, async () => {
      const { hints, locks } = this.#parts;
      const lock = await locks.take(runId);
      hints.announceRuns();
      return {
        release() {
          void lock.release().then(() => hints.announceRuns());
        },
      };
    });
  }

  /** Lets the database and the channel go; calls and {@link JournalStore.resume} take them again. */
  suspend(): void {
    this.#watch.watch(new Set());
    this.#parts.hints.suspend();
    this.#parts.backend.suspend();
  }

  resume(): void {
    this.#parts.hints.resume();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    for (const undo of this.#undos) undo();
    this.#isClosed = true;
    this.#watch.watch(new Set());
    this.#parts.onClose?.();
    this.#parts.backend.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#readChunks(call: string, runId: string, fromSeq: number, through: Promise<number>): AsyncGenerator<ScalarChunk, void, undefined> {
    try {
      for await (const records of this.#reader.batches(runId, fromSeq, await through)) {
        for (const record of records) {
          this.#assertOpen(call);
          const chunk = this.#reader.readable(record, () => unpackChunk(record.runId, record.seq, record.bytes));
          if (chunk !== undefined) yield chunk;
        }
      }
    } catch (thrown) {
      throw toStoreError(thrown, call);
    }
  }

  // Waits for the end of every writer that somebody here has an eye on. Many ask at once; the last of them counts.
  async #watchWriters(): Promise<void> {
    this.#isWatchDue = true;
    if (this.#isWatchRunning) return;
    this.#isWatchRunning = true;
    try {
      while (this.#isWatchDue && !this.#isClosed) {
        this.#isWatchDue = false;
        const runIds = await this.#writersToWatch();
        if (!this.#isClosed) this.#watch.watch(runIds);
      }
    } catch (thrown) {
      if (!this.#isClosed) this.#readFailed(thrown);
    } finally {
      this.#isWatchRunning = false;
    }
  }

  async #writersToWatch(): Promise<ReadonlySet<string>> {
    if (this.#runWatchers === 0 && this.#followed.size === 0) return new Set();
    const running = await this.#parts.backend.listRuns({ status: 'running' });
    const live = await this.#parts.locks.live(running);
    const wanted = running.filter(({ id }) => live.has(id) && (this.#runWatchers > 0 || this.#followed.has(id)));
    return new Set(wanted.map(({ id }) => id));
  }

  async #infos(records: readonly RunRecord[]): Promise<readonly RunInfo[]> {
    const running = records.filter((record) => record.status === 'running');
    const live = running.length === 0 ? new Set<string>() : await this.#parts.locks.live(running);
    return [...records].sort(byAge).map((record) => toRunInfo(record, live.has(record.id)));
  }

  async #info(record: RunRecord): Promise<RunInfo> {
    const [info] = await this.#infos([record]);
    return info as RunInfo; // one record in, one out
  }

  #undoable(undo: () => void): () => void {
    const once = (): void => {
      if (!this.#undos.delete(once)) return;
      undo();
      void this.#watchWriters();
    };
    this.#undos.add(once);
    return once;
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

  #guarded(call: string, callback: () => void): void {
    try {
      callback();
    } catch (thrown) {
      const text = thrown instanceof Error ? thrown.message : describe(thrown);
      this.#parts.warn(
        `listener:${call}:${text}`,
        `a listener of store.${call} threw: ${text}. It is called again for what comes next; mend it there.`,
      );
    }
  }

  #readFailed(thrown: unknown): void {
    const error = toStoreError(thrown, `store '${this.name}'`);
    if (error.code === 'store-closed') return;
    this.#parts.warn(`read:${error.code}`, `live charts may lag behind: ${error.message}`);
  }

  #damaged(error: LogError, record: { readonly runId: string; readonly seq: number }): void {
    if (this.#parts.onDamage !== undefined) this.#parts.onDamage(error);
    else this.#parts.warn(`damaged:${record.runId}:${record.seq}`, `chunk ${record.seq} of run '${record.runId}': ${error.message}`);
  }
}
