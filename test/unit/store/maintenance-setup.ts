import { createWarner, type Warning } from '../../../src/core/warnings.ts';
import { Hints } from '../../../src/store/hints.ts';
import type { MaintenanceTurn } from '../../../src/store/maintenance-turn.ts';
import { MaintenanceTurns, threadTurnLocks } from '../../../src/store/maintenance-turn.ts';
import { MemoryBackend, MemoryDatabase } from '../../../src/store/memory-backend.ts';
import { RecordStore } from '../../../src/store/record-store.ts';
import type { RunRecord } from '../../../src/store/run-record.ts';
import { keyPaths, type StoreName } from '../../../src/store/schema.ts';
import type { StoreBackend } from '../../../src/store/store-backend.ts';
import type { StoreContext } from '../../../src/store/store-context.ts';
import { threadLocks } from '../../../src/store/writer-locks.ts';
import { chunkOf } from '../../../src/testing/chunks.ts';
import { Appender } from '../../../src/store/appender.ts';

/** Every object store by name. */
export const storeNames = Object.keys(keyPaths) as StoreName[]; // its keys are nothing else

/** What a part of a store needs, over a database in memory. */
export interface Setup {
  readonly database: MemoryDatabase;
  readonly backend: StoreBackend;
  readonly context: StoreContext;
  readonly warnings: Warning[];
}

let made = 0;

/** A store's parts in memory; with `backend` over another one. */
export function setUp(
  options: { readonly database?: MemoryDatabase; readonly wrap?: (backend: StoreBackend) => StoreBackend } = {},
): Setup {
  const { database = new MemoryDatabase(), wrap = (backend) => backend } = options;
  const backend = wrap(new MemoryBackend(database));
  const warnings: Warning[] = [];
  const warn = createWarner((warning) => warnings.push(warning));
  const name = `maintenance-${(made += 1)}`;
  const onDamage = (): void => {};
  return {
    database,
    backend,
    warnings,
    context: { name, kind: 'memory', backend, hints: new Hints(), locks: threadLocks(), warn, onDamage },
  };
}

/** A run's record. */
export function runRecord(id: string, order: number, more: Partial<RunRecord> = {}): RunRecord {
  return { id, project: 'p', name: id, order, status: 'finished', startedAt: 1000 + order, config: {}, ...more };
}

/** Puts a run into the database. */
export async function addRun(backend: StoreBackend, record: RunRecord): Promise<void> {
  await backend.write(['runs'], (tx) => tx.put('runs', record));
}

/** A run's record, when there is one. */
export function getRun(backend: StoreBackend, runId: string): Promise<RunRecord | undefined> {
  return backend.read(['runs'], (tx) => tx.get('runs', runId));
}

/** Appends chunks of `points` points each in two tags, from chunk `from` up to before `to`. Resolves with the bytes of each. */
export async function appendChunks(backend: StoreBackend, runId: string, from: number, to: number, points = 10): Promise<number[]> {
  const appender = new Appender(backend);
  const sizes: number[] = [];
  for (let seq = from; seq < to; seq++) {
    const rows = Array.from({ length: points }, (_, row) => {
      const step = seq * points + row;
      return { tag: row % 2 === 0 ? 'even' : 'odd', step, value: Math.sin(step) };
    });
    sizes.push(await appender.append(chunkOf(runId, seq, rows)));
  }
  return sizes;
}

/** A run that has something in every object store; `count` of each. */
export async function addFullRun(backend: StoreBackend, record: RunRecord, count: number): Promise<void> {
  const runId = record.id;
  const bytes = new ArrayBuffer(8);
  await addRun(backend, record);
  await backend.write(['journal', 'tags', 'units', 'packs', 'summaries'], async (tx) => {
    for (let index = 0; index < count; index++) {
      await tx.put('journal', { runId, seq: index, points: 1, bytes });
      await tx.put('tags', { runId, tag: `tag ${index}`, order: index, firstSeq: 0 });
      await tx.put('units', { runId, unit: index, throughSeq: index, points: 1, totalBytes: 24, damaged: [], bytes });
      await tx.put('packs', { runId, unit: index, level: 0, firstTag: 0, stretch: 0, bytes });
      await tx.put('summaries', { runId, unit: index, bytes });
    }
  });
  const records = Array.from({ length: count }, (_, index) => ({
    kind: 'image' as const,
    tag: `images/${index % 7}`,
    step: index,
    epoch: 0,
    wallTime: 1000,
    content: new Blob([`${'large'.repeat(1000)} ${index % 5}`]),
  }));
  await new RecordStore(setUpOver(backend)).add(runId, records);
}

/** The context of a store over a backend. */
export function setUpOver(backend: StoreBackend): StoreContext {
  return setUp({ wrap: () => backend }).context;
}

/** All keys of an object store, in order. */
export async function keysOf(backend: StoreBackend, store: StoreName): Promise<readonly string[]> {
  const keys = await backend.read([store], (tx) => tx.keys(store, { from: [], to: [[]] }));
  return keys.map((key) => JSON.stringify(key));
}

/** How many records each object store has; those without any are left out. */
export async function counts(database: MemoryDatabase): Promise<Partial<Record<StoreName, number>>> {
  const backend = new MemoryBackend(database);
  const found: Partial<Record<StoreName, number>> = {};
  for (const store of storeNames) {
    const { length } = await backend.read([store], (tx) => tx.getAll(store));
    if (length > 0) found[store] = length;
  }
  return found;
}

/** Does something in a turn. */
export function inTurn<Result>(setup: Setup, work: (turn: MaintenanceTurn) => Promise<Result>): Promise<Result> {
  return new MaintenanceTurns(setup.backend, setup.context.name, threadTurnLocks).take(new AbortController().signal, work);
}
