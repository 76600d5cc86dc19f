import { type MetricStore, startRun } from 'tabtrain';
import { openIdbStore } from '../../src/store/idb-store.ts';
import { bigStoreName } from './big-run.ts';
import { nextTask } from './next-task.ts';

interface Options {
  readonly tags: number;
  /** How fast points are logged. */
  readonly pointsPerSecond: number;
  readonly seconds: number;
  /** Deletes this run of the same store after a third of the time, and has it removed at once. */
  readonly deletes?: string;
}

export interface PacedResult {
  readonly points: number;
  /** Milliseconds from the store's taking a chunk to its commit: of flushes that met maintenance, and of all others. */
  readonly during: readonly number[];
  readonly beside: readonly number[];
  /** Milliseconds in which maintenance was at work. */
  readonly maintenance: number;
  readonly deletion?: {
    /** Milliseconds until the run was out of sight. */
    readonly hidden: number;
    /** Milliseconds until all it held was removed. */
    readonly removed: number;
    /** Bytes on disk by `navigator.storage.estimate()`: before, and from then on once a second. */
    readonly usage: readonly number[];
  };
}

/** Logs at a steady pace, while the store compacts or removes another run, and notes how long every flush takes. */
export default async function measure({ tags, pointsPerSecond, seconds, deletes }: Options): Promise<PacedResult> {
  const work = watchMaintenance();
  const flushes: { readonly from: number; readonly to: number }[] = [];
  const store = await openIdbStore(bigStoreName);
  const run = await startRun({ store: withTimes(store, flushes), project: 'paced', name: 'paced' });
  const names = Array.from({ length: tags }, (_, i) => `train/metric${i}`);
  const values: Record<string, number> = {};
  const began = performance.now();
  const usage: number[] = [];
  const usageNow = async (): Promise<void> => void usage.push((await navigator.storage.estimate()).usage ?? 0);
  let deleting: Promise<{ readonly hidden: number; readonly removed: number }> | undefined;
  let step = 0;
  for (let now = began; now - began < seconds * 1000; now = performance.now()) {
    for (const due = ((now - began) / 1000) * (pointsPerSecond / tags); step < due; step++) {
      for (let i = 0; i < tags; i++) values[names[i] as string] = Math.sin(step * 0.001 + i) + i;
      run.log(values);
      await run.endStep();
    }
    if (deletes !== undefined && now - began > (seconds * 1000) / 3) {
      if (deleting === undefined) await usageNow();
      deleting ??= remove(store, deletes);
      if ((now - began - (seconds * 1000) / 3) / 1000 >= usage.length) await usageNow();
    }
    await nextTask();
  }
  const deletion = await deleting;
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
    ...(deletion === undefined ? {} : { deletion: { ...deletion, usage } }),
  };
}

async function remove(store: MetricStore, runId: string): Promise<{ readonly hidden: number; readonly removed: number }> {
  const began = performance.now();
  await store.deleteRun(runId);
  if ((await store.runs()).some(({ id }) => id === runId)) throw new Error('bench: the deleted run is still listed.');
  const hidden = performance.now() - began;
  await store.maintain();
  return { hidden, removed: performance.now() - began };
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
function watchMaintenance(): { readonly spans: readonly Span[] } {
  const spans: Span[] = [];
  const closeMs = 100;
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, names, mode, options) {
    const tx = transaction.call(this, names, mode, options);
    const scope = Array.from(tx.objectStoreNames);
    // Logging writes to `journal`, and at times to `tags` and `runs`.
    if (mode !== 'readwrite' || !scope.some((name) => name === 'meta' || name === 'packs')) return tx;
    const began = performance.now();
    const last = spans.at(-1);
    const span = last !== undefined && began - last.to < closeMs ? last : { from: began, to: began };
    if (span !== last) spans.push(span);
    for (const end of ['complete', 'abort']) tx.addEventListener(end, () => (span.to = Math.max(span.to, performance.now())));
    return tx;
  };
  return { spans };
}
