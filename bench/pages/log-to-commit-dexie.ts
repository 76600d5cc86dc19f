import { isInstalled, openPoints, type PointRecord } from '../peers/dexie.js';

interface Options {
  readonly points: number;
  readonly tags: number;
  /** Points per `bulkPut`. */
  readonly batch: number;
}

/** Gives seconds until all are committed; null without Dexie. */
export default async function measure({ points, tags, batch }: Options): Promise<{ points: number; seconds: number } | null> {
  if (!isInstalled) return null;
  const database = await openPoints(`dexie-${performance.now()}`);
  const began = performance.now();
  for (let i = 0; i < points;) {
    const records: PointRecord[] = [];
    for (const end = Math.min(points, i + batch); i < end; i++) {
      const step = Math.floor(i / tags);
      records.push({
        run: 'run',
        tag: `train/metric${i % tags}`,
        step,
        epoch: 0,
        wallTime: Date.now() / 1000,
        value: Math.sin(step * 0.001),
      });
    }
    await database.put(records);
  }
  const seconds = (performance.now() - began) / 1000;
  const stored = await database.count();
  if (stored !== points) throw new Error(`bench: put ${points} records, Dexie holds ${stored}.`);
  database.close();
  return { points, seconds };
}
