// How soon one metric of a long run is there after the browser was started.
import { bigRun, bigRunPages } from '../lib/big-runs.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { median, pairedRatio } from '../lib/statistics.mjs';

export const id = 'series-cold';
export const pages = [...bigRunPages, 'series-cold'];

const maxPoints = 2000;
const sizes = { 'series-cold': 20, 'series-cold-10k-tags': 10_000 };

export async function run({ siteUrl, rounds, points, progress }) {
  const results = [];
  for (const [row, tags] of Object.entries(sizes)) {
    const big = await bigRun({ siteUrl, points, tags, progress });
    const tag = `train/metric${tags >> 1}`;
    const cold = (way) =>
      withBrowser(
        siteUrl,
        async ({ version, measureFresh }) => ({
          version,
          ...(await measureFresh('series-cold', { runId: big.runId, tag, maxPoints, way })),
        }),
        { profile: big.profile },
      );
    const buckets = [];
    const all = [];
    for (let round = 0; round < rounds; round++) {
      progress(`${tags.toLocaleString('en')} tags, round ${round + 1} of ${rounds}`);
      buckets.push(await cold('buckets'));
      all.push(await cold('all'));
    }
    if (buckets.some((one, round) => one.points !== all[round].points)) throw new Error(`bench: the buckets of ${tag} miss points of it.`);
    const of = (list, pick) => list.map((one) => one[pick]);
    const value = median(of(buckets, 'reading'));
    results.push({
      version: buckets[0].version,
      id: row,
      value,
      unit: 'ms',
      budget: '≤ 50 ms',
      ok: value <= 50,
      peers: { 'reading it all': median(of(all, 'reading')) },
      ...pairedRatio(of(buckets, 'reading'), of(all, 'reading')),
      note: [
        `series(tag, { maxPoints: ${maxPoints.toLocaleString('en')} }) of a run of ${big.points.toLocaleString('en')} points in ${tags.toLocaleString('en')} tags, ${buckets[0].rows} rows for ${buckets[0].points.toLocaleString('en')} points`,
        `first thing a new browser process does; openStore() before it: ${median(of(buckets, 'opening')).toFixed(0)} ms; longest round ${Math.max(...of(buckets, 'reading')).toFixed(0)} ms`,
        `${buckets[0].requests} requests, ${(buckets[0].bytes / 1e6).toFixed(2)} MB; the system may have the files in memory`,
      ].join('; '),
    });
  }
  return results;
}
