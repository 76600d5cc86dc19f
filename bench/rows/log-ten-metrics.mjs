// Whether a long training with many metrics can log all of them in every step: how fast, and in how much memory.
import { withBrowser } from '../lib/browser.mjs';
import { median } from '../lib/statistics.mjs';

export const id = 'log-10-metrics-100k';
export const pages = ['log-ten-metrics'];

const steps = 100_000;
/** Bytes kept per point beyond which memory is not flat: a hundredth of what ten doubles a step would take. */
const mostKept = 1;

export async function run({ siteUrl, rounds, progress }) {
  const seen = [];
  let version;
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    progress(`round ${round + 1} of ${Math.min(rounds, 3)}`);
    await withBrowser(siteUrl, async (browser) => {
      version = browser.version;
      seen.push(await browser.measureFresh('log-ten-metrics', { steps }, { isolated: true }));
    });
  }
  const missing = seen.find(({ points }) => points !== 10 * steps);
  if (missing !== undefined) throw new Error(`bench: ${missing.points} points are stored, ${10 * steps} were logged.`);
  const value = median(seen.map(({ seconds }) => (seconds * 1e6) / steps));
  const memory = seen[0].memory.map((_, fifth) => median(seen.map((round) => round.memory[fifth])));
  const settled = median(seen.map((round) => round.settled));
  // The first fifth compiles and fills the queues; while a run is compacted its buffers come on top.
  const keptPerPoint = (settled - memory[0]) / (8 * steps);
  return [
    {
      version,
      id,
      value,
      unit: 'µs per step of ten metrics, stored',
      budget: `≤ 10 µs, at most ${mostKept} byte kept per point`,
      ok: value <= 10 && keptPerPoint <= mostKept,
      peers: {},
      ratio: null,
      ci95: null,
      note: [
        `${steps.toLocaleString('en')} steps, flushes to the database on the same thread included`,
        `page memory after each fifth: ${memory.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(', ')} MiB, once compacted ${(settled / 2 ** 20).toFixed(1)} MiB, ${keptPerPoint.toFixed(2)} bytes kept per point`,
        `run.overhead.share of a loop that does nothing else: ${(median(seen.map(({ share }) => share)) * 100).toFixed(0)} %`,
      ].join('; '),
    },
  ];
}
