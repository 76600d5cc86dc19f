import { type MetricStore, startRun } from 'tabtrain';
import { openIdbStore } from '../../src/store/idb-store.ts';
import { bigStoreName } from './big-run.ts';
import { nextTask } from './next-task.ts';

interface Options {
  readonly tags: number;
  /** How fast points are logged. */
  readonly pointsPerSecond: number;
  readonly seconds: number;
  /** Deletes this run of the same store when a third of the time is over. Twelve seconds later it is being removed. */
  readonly deletes?: string;
}

export interface PacedResult {
  readonly points: number;
  /** Milliseconds from the store's taking a chunk to its commit: of flushes that met maintenance, and of all others. */
  readonly during: readonly number[];
  readonly beside: readonly number[];
  /** Milliseconds in which maintenance was at work. */
  readonly maintenance: number;
  /** Milliseconds until the deleted run was out of sight. */
  readonly hidden?: number;
}

/** Logs at a steady pace, while the store compacts or removes another run, and notes how long every flush takes. */
export default async function measure({ tags, pointsPerSecond, seconds, deletes }: Options): Promise<PacedResult> {
  const work = watchMaintenance(deletes === undefined ? 'compaction' : 'removal');
  const flushes: { readonly from: number; readonly to: number }[] = [];
  const store = await openIdbStore(bigStoreName);
  const run = await startRun({ store: withTimes(store, flushes), project: 'paced', name: 'paced' });
  const names = Array.from({ length: tags }, (_, i) => `train/metric${i}`);
  const values: Record<string, number> = {};
  const began = performance.now();
  let deleting: Promise<number> | undefined;
  let step = 0;
  for (let now = began; now - began < seconds * 1000; now = performance.now()) {
    for (const due = ((now - began) / 1000) * (pointsPerSecond / tags); step < due; step++) {
      for (let i = 0; i < tags; i++) values[names[i] as string] = Math.sin(step * 0.001 + i) + i;
      run.log(values);
      await run.endStep();
    }
    if (deletes !== undefined && now - began > (seconds * 1000) / 3) deleting ??= hide(store, deletes);
    await nextTask();
  }
  const hidden = await deleting;
  await run.finish();
  await store.close();
  const met = ({ from, to }: { readonly from: number; readonly to: number }): boolean =>
    work.spans.some((span) => span.from <= to && span.to >= from);
  const took = ({ from, to }: { readonly from: number; readonly to: number }): number => to - from;
  return {
    points: step * tags,
    during: flushes.filter(met).map(took),
    beside: flushes.filter((flush) => !met(flush)).map(took),
    maintenance: work.spans.reduce((sum, { from, to }) => sum + to - from, 0),
    ...(hidden === undefined ? {} : { hidden }),
  };
}

/** Deletes a run. Gives the milliseconds until it is no longer listed. */
async function hide(store: MetricStore, runId: string): Promise<number> {
  const began = performance.now();
  await store.deleteRun(runId);
  if ((await store.runs()).some(({ id }) => id === runId)) throw new Error('bench: the deleted run is still listed.');
  return performance.now() - began;
}

function withTimes(store: MetricStore, flushes: { from: number; to: number }[]): MetricStore {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (name !== 'append') return member.bind(target) as unknown;
      return async (...args: Parameters<MetricStore['append']>) => {
        const from = performance.now();
        await target.append(...args);
        flushes.push({ from, to: performance.now() });
      };
    },
  });
}

interface Span {
  readonly from: number;
  to: number;
}

/** When the store looks after itself: from the first to the last of its transactions that follow one another closely. */
function watchMaintenance(kind: 'compaction' | 'removal'): { readonly spans: readonly Span[] } {
  const spans: Span[] = [];
  const closeMs = 100;
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, names, mode, options) {
    const tx = transaction.call(this, names, mode, options);
    const scope = Array.from(tx.objectStoreNames);
    // Logging writes without `meta`; compaction writes packs and directories together, removing goes store by store.
    if (mode !== 'readwrite' || !scope.includes('meta') || scope.length === 1) return tx;
    const isRemoval = scope.length === 2 || scope.includes('records');
    if (isRemoval !== (kind === 'removal')) return tx;
    const began = performance.now();
    const last = spans.at(-1);
    const span = last !== undefined && began - last.to < closeMs ? last : { from: began, to: began };
    if (span !== last) spans.push(span);
    for (const end of ['complete', 'abort']) tx.addEventListener(end, () => (span.to = Math.max(span.to, performance.now())));
    return tx;
  };
  return { spans };
}
