import { Appender } from '../../../src/store/appender.ts';
import { buildUnit } from '../../../src/store/build-unit.ts';
import { ChunkReader } from '../../../src/store/chunk-reader.ts';
import { Hints } from '../../../src/store/hints.ts';
import { MemoryBackend, MemoryDatabase } from '../../../src/store/memory-backend.ts';
import type { ScalarChunk } from '../../../src/store/metric-store.ts';
import { RunCatalog } from '../../../src/store/run-catalog.ts';
import { keyPaths, type StoreName, type UnitRecord } from '../../../src/store/schema.ts';
import { SeriesReader } from '../../../src/store/series-reader.ts';
import type { Reading, StoreBackend, Writing } from '../../../src/store/store-backend.ts';
import type { StoreContext } from '../../../src/store/store-context.ts';
import { SummaryReader } from '../../../src/store/summary-reader.ts';
import { TagNames } from '../../../src/store/tag-names.ts';
import { Unsaved } from '../../../src/store/unsaved.ts';
import { createWarner } from '../../../src/core/warnings.ts';
import { threadLocks } from '../../../src/store/writer-locks.ts';
import { type ModelPoint, ModelRun, toChunk } from './plain-model.ts';

export const startedAt = 1_700_000_000;

/** Passes everything on, and counts what readers are given. */
export class CountingBackend implements StoreBackend {
  readonly #inner: StoreBackend;
  reads = 0;
  /** Bytes of the buffers of the records that were given back, by object store. */
  bytes: Partial<Record<StoreName, number>> = {};
  /** Records that were given back, by object store. */
  records: Partial<Record<StoreName, number>> = {};

  constructor(inner: StoreBackend) {
    this.#inner = inner;
  }

  get allBytes(): number {
    return Object.values(this.bytes).reduce((sum, bytes) => sum + bytes, 0);
  }

  reset(): void {
    this.reads = 0;
    this.bytes = {};
    this.records = {};
  }

  read<Result>(stores: readonly StoreName[], work: (tx: Reading) => Promise<Result>): Promise<Result> {
    this.reads += 1;
    return this.#inner.read(stores, (tx) =>
      work({
        ...bound(tx),
        get: async (store, key) => this.#count(store, await tx.get(store, key)),
        getAll: async (store, range, most) => {
          const records = await tx.getAll(store, range, most);
          for (const record of records) this.#count(store, record);
          return records;
        },
      }),
    );
  }

  write<Result>(stores: readonly StoreName[], work: (tx: Writing) => Promise<Result>): Promise<Result> {
    return this.#inner.write(stores, work);
  }

  suspend(): void {}
  close(): void {}

  #count<Found>(store: StoreName, record: Found): Found {
    if (record === undefined) return record;
    const { bytes } = record as { readonly bytes?: ArrayBuffer };
    this.bytes[store] = (this.bytes[store] ?? 0) + (bytes?.byteLength ?? 0);
    this.records[store] = (this.records[store] ?? 0) + 1;
    return record;
  }
}

// The methods of an object are lost when it is spread, unless they are its own.
function bound(tx: Reading): Reading {
  return {
    get: (...args) => tx.get(...args),
    has: (...args) => tx.has(...args),
    getAll: (...args) => tx.getAll(...args),
    keys: (...args) => tx.keys(...args),
    lastKey: (...args) => tx.lastKey(...args),
    runsOfProject: (...args) => tx.runsOfProject(...args),
    runsOfStatus: (...args) => tx.runsOfStatus(...args),
    lastRunOrder: () => tx.lastRunOrder(),
    tagsFrom: (...args) => tx.tagsFrom(...args),
  };
}

/** A run in a database in memory, its readers, and the same run as a plain list. */
export class Bench {
  readonly runId: string = 'a';
  readonly backend: CountingBackend = new CountingBackend(new MemoryBackend(new MemoryDatabase()));
  readonly damage: string[] = [];
  readonly model: ModelRun = new ModelRun();
  readonly context: StoreContext;
  readonly catalog: RunCatalog;
  readonly unsaved: Unsaved;
  readonly series: SeriesReader;
  readonly chunks: ChunkReader;
  readonly summaries: SummaryReader;
  readonly #appender: Appender;
  /** Chunks that are in packs. */
  #packed = 0;

  constructor(name = 'reading') {
    const { backend } = this;
    this.context = {
      name,
      kind: 'memory',
      backend,
      hints: new Hints(),
      locks: threadLocks(),
      warn: createWarner(() => {}),
      onDamage: (_error, place) => this.damage.push(place),
    };
    this.catalog = new RunCatalog(this.context);
    this.#appender = new Appender(backend);
    this.unsaved = new Unsaved(this.context);
    const names = new TagNames(this.context);
    this.series = new SeriesReader(this.context);
    this.chunks = new ChunkReader(this.context, names, this.unsaved);
    this.summaries = new SummaryReader(this.context, names);
  }

  async create(): Promise<this> {
    await this.catalog.create({ id: this.runId, startedAt });
    return this;
  }

  async append(points: readonly ModelPoint[]): Promise<void> {
    await this.#appender.append(toChunk(this.runId, this.model.chunks.length, points));
    this.model.chunks.push(points);
  }

  /** Appends columns as one chunk, without a trace in the model: for runs that are too long to be kept point by point. */
  async appendColumns(chunk: Omit<ScalarChunk, 'runId'>): Promise<void> {
    await this.#appender.append({ runId: this.runId, ...chunk });
  }

  async resume(fromStep?: number): Promise<void> {
    await this.catalog.resume(this.runId, { at: startedAt, ...(fromStep === undefined ? {} : { fromStep }) });
    this.model.resumes.push({ fromSeq: this.model.chunks.length, fromStep, isBroughtBack: false });
    // Its place is taken, so that no earlier writer gets in.
    this.model.chunks.push([]);
  }

  async bringBack(): Promise<void> {
    const hiding = this.model.resumes.findLast((resume) => resume.fromStep !== undefined && !resume.isBroughtBack);
    if (hiding === undefined) return;
    await this.catalog.bringBack(this.runId, undefined);
    hiding.isBroughtBack = true;
  }

  /** Makes a unit of at most so many chunks of the journal, all of one generation. Gives it back, if there was anything. */
  async compact(chunks = Infinity): Promise<UnitRecord | undefined> {
    const { runId, backend } = this;
    return backend.write(['runs', 'tags', 'journal', 'units', 'packs', 'summaries'], async (tx) => {
      const record = await tx.get('runs', runId);
      if (record === undefined) return undefined;
      const border = record.resumes?.find((resume) => resume.fromSeq > this.#packed)?.fromSeq ?? Infinity;
      const last = Math.min(this.#packed + chunks, border) - 1;
      const range = { from: [runId, this.#packed], to: [runId, last] };
      const records = await tx.getAll('journal', range);
      if (records.length === 0) return undefined;
      const numbers = new Map((await tx.tagsFrom(runId, 0)).map(({ tag, order }) => [tag, order]));
      const built = buildUnit({ runId, unit: this.#packed, records, numberOf: (name) => numbers.get(name) });
      let step = built.next();
      for (; step.done !== true; step = built.next()) if (step.value !== undefined) await tx.put('packs', step.value);
      const { unit, summary } = step.value;
      await tx.put('units', unit);
      await tx.put('summaries', summary);
      await tx.put('runs', { ...record, compactedTo: unit.throughSeq });
      await tx.delete('journal', range);
      this.#packed = unit.throughSeq + 1;
      return unit;
    });
  }

  /** Bytes of all buffers of the run. */
  async storedBytes(): Promise<number> {
    let bytes = 0;
    for (const store of Object.keys(keyPaths) as StoreName[]) {
      for (const record of await this.backend.read([store], (tx) => tx.getAll(store))) {
        bytes += (record as { readonly bytes?: ArrayBuffer }).bytes?.byteLength ?? 0;
      }
    }
    this.backend.reset();
    return bytes;
  }
}

/** All chunks of an iteration. */
export async function collect(chunks: AsyncIterable<ScalarChunk>): Promise<readonly ScalarChunk[]> {
  const all: ScalarChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
