import { openDB } from 'idb';

interface Options {
  readonly points: number;
  readonly tags: number;
  /** Points per transaction. */
  readonly batch: number;
}

/** What people write first: one record per point, `batch` of them in a transaction. Gives seconds until all are committed. */
export default async function measure({ points, tags, batch }: Options): Promise<{ points: number; seconds: number }> {
  const database = await openDB(`records-${performance.now()}`, 1, {
    upgrade: (db) => void db.createObjectStore('points', { keyPath: ['run', 'tag', 'step'] }),
  });
  const began = performance.now();
  for (let i = 0; i < points;) {
    const transaction = database.transaction('points', 'readwrite');
    for (const end = Math.min(points, i + batch); i < end; i++) {
      const step = Math.floor(i / tags);
      void transaction.store.put({
        run: 'run',
        tag: `train/metric${i % tags}`,
        step,
        epoch: 0,
        wallTime: Date.now() / 1000,
        value: Math.sin(step * 0.001),
      });
    }
    await transaction.done;
  }
  const seconds = (performance.now() - began) / 1000;
  const stored = await database.count('points');
  if (stored !== points) throw new Error(`bench: put ${points} records, the database holds ${stored}.`);
  database.close();
  return { points, seconds };
}
