// How soon a page that is loaded again shows the charts of a long run, and how much it reads for that.
import { bigRun, bigRunPages } from '../lib/big-runs.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { median, pairedRatio } from '../lib/statistics.mjs';

export const id = 'reload-to-chart';
export const pages = [...bigRunPages, 'reload-to-chart'];

const charts = 20;
const sizes = { 'reload-to-chart': 20, 'reload-to-chart-10k-tags': 10_000 };
// Room for all charts at once: those out of sight are not drawn.
const viewport = { width: 1800, height: 1600 };

export async function run({ siteUrl, rounds, points, progress }) {
  const results = [];
  for (const [row, tags] of Object.entries(sizes)) {
    const big = await bigRun({ siteUrl, points, tags, progress });
    const query = (readsAll) => {
      const options = JSON.stringify({ charts, runId: big.runId, readsAll });
      return `?${new URLSearchParams({ measure: 'reload-to-chart', options })}`;
    };
    const seen = await withBrowser(
      siteUrl,
      async ({ version, open }) => {
        const result = { version, first: [], panel: [], all: [] };
        for (let round = -1; round < rounds; round++) {
          progress(`${tags.toLocaleString('en')} tags, round ${round + 1} of ${rounds}`);
          for (const [side, readsAll] of [
            ['panel', false],
            ['all', true],
          ]) {
            const { page, close } = await open({ query: query(readsAll) });
            result.first.push(await page.evaluate(() => globalThis.measured));
            await page.reload();
            const reloaded = await page.evaluate(() => globalThis.measured);
            // The first is a warm-up.
            if (round >= 0) result[side].push(reloaded);
            await close();
          }
        }
        return result;
      },
      { profile: big.profile, viewport },
    );
    const of = (list, pick) => list.map((one) => one[pick]);
    const value = median(of(seen.panel, 'milliseconds'));
    const bytes = Math.max(...of(seen.panel, 'bytes'));
    const stored = Object.values(big.written).reduce((sum, one) => sum + one, 0) - (big.written.journal ?? 0);
    const share = bytes / stored;
    results.push({
      version: seen.version,
      id: row,
      value,
      unit: 'ms',
      budget: '≤ 300 ms, at most 1 % of the run read',
      ok: value <= 300 && share <= 0.01,
      peers: { 'reading it all, without drawing': median(of(seen.all, 'milliseconds')) },
      ...pairedRatio(of(seen.panel, 'milliseconds'), of(seen.all, 'milliseconds')),
      note: [
        `first byte of the page to the frame in which ${charts} charts have their lines; run of ${big.points.toLocaleString('en')} points in ${tags.toLocaleString('en')} tags`,
        `the database handed over ${(bytes / 1e6).toFixed(2)} MB in ${median(of(seen.panel, 'requests'))} requests, ${(share * 100).toFixed(2)} % of the ${(stored / 1e6).toFixed(0)} MB that the run takes in our buffers`,
        `our script runs after ${median(of(seen.panel, 'script')).toFixed(0)} ms, the first chart is there after ${median(of(seen.panel, 'first')).toFixed(0)} ms; first load in a new browser process ${seen.first[0].milliseconds.toFixed(0)} ms`,
      ].join('; '),
    });
  }
  return results;
}
