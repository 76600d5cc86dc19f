// What deleting a long run costs whoever looks, whoever trains meanwhile, and the disk.
import { bigRun, bigRunPages, copyOf } from '../lib/big-runs.mjs';
import { removeProfile, withBrowser } from '../lib/browser.mjs';
import { median, quantile } from '../lib/statistics.mjs';

export const id = 'delete';
export const pages = [...bigRunPages, 'paced-flushes', 'space-back'];

const tags = 20;
const pointsPerSecond = 100_000;
const mostRounds = 3;
/** A third of it before the run is deleted; the rest holds the time in which it can be restored, and its removal. */
const seconds = 36;
const mostSeconds = 30;
/** What has to be free again. Small records lie in a log, which the browser tidies up when it likes. */
const share = 0.75;

export async function run({ siteUrl, rounds, points, progress }) {
  const big = await bigRun({ siteUrl, points, tags, progress });
  const stored = Object.entries(big.written).reduce((sum, [store, bytes]) => sum + (store === 'journal' ? 0 : bytes), 0);
  const seen = [];
  const space = [];
  let version = '';
  const inCopy = async (use) => {
    const profile = await copyOf(big);
    await withBrowser(siteUrl, use, { profile });
    await removeProfile(profile);
  };
  for (let round = 0; round < Math.min(rounds, mostRounds); round++) {
    progress(`round ${round + 1} of ${Math.min(rounds, mostRounds)}`);
    await inCopy(async (browser) => {
      version = browser.version;
      seen.push(await browser.measureFresh('paced-flushes', { tags, pointsPerSecond, seconds, deletes: big.runId }));
    });
    await inCopy(async ({ measureFresh }) => space.push(await measureFresh('space-back', { runId: big.runId, share, mostSeconds })));
  }
  const hidden = median(seen.map((round) => round.hidden));
  const of = (pick, share) => median(seen.map((round) => quantile(round[pick], share)));
  const [during, beside] = [of('during', 0.95), of('beside', 0.95)];
  const back = median(space.map((round) => round.seconds ?? Infinity));
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
      note: about,
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
        `p95 of ${seen.reduce((sum, round) => sum + round.during.length, 0)} flushes while it was removed ${during.toFixed(1)} ms, of ${seen.reduce((sum, round) => sum + round.beside.length, 0)} others ${beside.toFixed(1)} ms; longest ${Math.max(...seen.flatMap((round) => round.during)).toFixed(0)} ms`,
      ].join('; '),
    },
    {
      ...common,
      id: 'delete-space',
      value: Number.isFinite(back) ? back : null,
      unit: 's until the space is back',
      budget: '≤ 30 s',
      ok: back <= mostSeconds,
      note: [
        `${share * 100} % of what the only run of the database takes on disk, by estimate(); in our buffers it takes ${(stored / 1e6).toFixed(0)} MB; the ten seconds in which it can be restored included`,
        `usage before ${(median(space.map(({ before }) => before)) / 1e6).toFixed(0)} MB, in the end ${(median(space.map(({ after }) => after)) / 1e6).toFixed(0)} MB`,
      ].join('; '),
    },
  ];
}
