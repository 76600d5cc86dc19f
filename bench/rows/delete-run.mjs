// What deleting a long run costs whoever looks, whoever trains meanwhile, and the disk.
import { bigRun, bigRunPages, copyOf } from '../lib/big-runs.mjs';
import { removeProfile, withBrowser } from '../lib/browser.mjs';
import { median, quantile } from '../lib/statistics.mjs';

export const id = 'delete';
export const pages = [...bigRunPages, 'paced-flushes'];

const tags = 20;
const pointsPerSecond = 100_000;
const mostRounds = 3;
/** A third of it before the run is deleted; 30 s after. */
const seconds = 45;

export async function run({ siteUrl, rounds, points, progress }) {
  const big = await bigRun({ siteUrl, points, tags, progress });
  const stored = Object.entries(big.written).reduce((sum, [store, bytes]) => sum + (store === 'journal' ? 0 : bytes), 0);
  const seen = [];
  let version = '';
  for (let round = 0; round < Math.min(rounds, mostRounds); round++) {
    progress(`round ${round + 1} of ${Math.min(rounds, mostRounds)}`);
    const profile = await copyOf(big);
    await withBrowser(
      siteUrl,
      async (browser) => {
        version = browser.version;
        seen.push(await browser.measureFresh('paced-flushes', { tags, pointsPerSecond, seconds, deletes: big.runId }));
      },
      { profile },
    );
    await removeProfile(profile);
  }
  const hidden = median(seen.map(({ deletion }) => deletion.hidden));
  const of = (pick, share) => median(seen.map((round) => quantile(round[pick], share)));
  const [during, beside] = [of('during', 0.95), of('beside', 0.95)];
  // Nine tenths of what the run takes in our buffers; the writer goes on filling the disk meanwhile.
  const back = median(
    seen.map(({ deletion: { usage } }) => {
      const second = usage.findIndex((bytes) => bytes <= usage[0] - 0.9 * stored);
      return second < 0 ? Infinity : second;
    }),
  );
  const about = `${big.points.toLocaleString('en')} points in ${tags} tags deleted while another run logs ${pointsPerSecond.toLocaleString('en')} points/s in the same thread`;
  const common = { version, peers: {}, ratio: null, ci95: null };
  return [
    {
      ...common,
      id: 'delete-hidden',
      value: hidden,
      unit: 'ms until the run is out of sight',
      budget: '≤ 50 ms',
      ok: hidden <= 50,
      note: `${about}; all it held was removed after ${(median(seen.map(({ deletion }) => deletion.removed)) / 1000).toFixed(1)} s`,
    },
    {
      ...common,
      id: 'delete-flush',
      value: during - beside,
      unit: 'ms that the p95 of a flush grows while a run is removed',
      budget: '≤ 20 ms',
      ok: during - beside <= 20,
      note: [
        about,
        `p95 of ${seen.reduce((sum, round) => sum + round.during.length, 0)} flushes while the store looked after itself ${during.toFixed(1)} ms, of ${seen.reduce((sum, round) => sum + round.beside.length, 0)} others ${beside.toFixed(1)} ms; longest ${Math.max(...seen.flatMap((round) => round.during)).toFixed(0)} ms`,
      ].join('; '),
    },
    {
      ...common,
      id: 'delete-space',
      value: Number.isFinite(back) ? back : null,
      unit: 's until the space is back',
      budget: '≤ 30 s',
      ok: back <= 30,
      note: [
        `nine tenths of the ${(stored / 1e6).toFixed(0)} MB that the run takes in our buffers, by estimate(), asked once a second`,
        `usage before ${(seen[0].deletion.usage[0] / 1e6).toFixed(0)} MB, at the end ${(seen[0].deletion.usage.at(-1) / 1e6).toFixed(0)} MB`,
      ].join('; '),
    },
  ];
}
