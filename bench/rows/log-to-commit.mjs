// How many points a second get from `run.log` into the database, for as long as anyone likes.
import { withBrowser } from '../lib/browser.mjs';
import { median, pairedRatio, quantile } from '../lib/statistics.mjs';

export const id = 'log-to-commit';
export const pages = ['log-to-commit', 'log-to-commit-records', 'log-to-commit-dexie', 'paced-flushes'];

const sizes = [
  { row: 'log-to-commit', tags: 20, least: 1e6 },
  { row: 'log-to-commit-10k-tags', tags: 10_000, least: 5e5 },
];
const perPeer = 20_000;
const mostBytes = 30;
const paced = { tags: 20, pointsPerSecond: 100_000, seconds: 40 };
const pacedRounds = 2;

export async function run({ siteUrl, rounds, points, progress }) {
  const seen = sizes.map(() => []);
  const peers = { 'one record per point, 1,000 per transaction': [], 'Dexie bulkPut of 1,000': [] };
  const [records, dexie] = Object.values(peers);
  let version = '';
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    // A new profile each time: rows that a database already holds slow the next ones down.
    for (const [i, { tags }] of sizes.entries()) {
      await withBrowser(siteUrl, async (browser) => {
        version = browser.version;
        seen[i].push(await browser.measureFresh('log-to-commit', { points, tags }, { isolated: true }));
      });
    }
    await withBrowser(siteUrl, async (browser) => {
      records.push(rate(await browser.measureFresh('log-to-commit-records', { points: perPeer, tags: 20, batch: 1000 })));
      const throughDexie = await browser.measureFresh('log-to-commit-dexie', { points: perPeer, tags: 20, batch: 1000 });
      if (throughDexie !== null) dexie.push(rate(throughDexie));
    });
  }
  const measured = Object.entries(peers).filter(([, list]) => list.length > 0);
  return [
    ...sizes.map((size, i) => ({ version, ...result(size, seen[i], measured, points) })),
    { version, ...(await flushes({ siteUrl, rounds, progress })) },
  ];
}

function result({ row, tags, least }, seen, peers, points) {
  const rates = seen.map(rate);
  const value = median(rates);
  const memory = [0, 1, 2, 3, 4].map((fifth) => median(seen.map((round) => round.memory[fifth])));
  // Garbage that is on its way out moves a page by a few megabytes; a store that keeps points would hold 40 bytes of each.
  const keptPerPoint = (memory[4] - memory[0]) / (points * 0.8);
  const perPoint = (...stores) =>
    median(seen.map((round) => stores.reduce((sum, store) => sum + (round.written[store] ?? 0), 0) / round.points));
  const counted = perPoint('packs', 'units', 'summaries');
  return {
    id: row,
    value,
    unit: 'points/s',
    budget: `≥ ${least.toLocaleString('en')} points/s over 10 M points in ${tags.toLocaleString('en')} tags, compaction included; memory flat, ≤ ${mostBytes} bytes a point`,
    ok: value >= least && keptPerPoint < 2 && counted <= mostBytes,
    peers: Object.fromEntries(peers.map(([name, list]) => [name, median(list)])),
    ...pairedRatio(rates, peers.at(-1)[1]),
    note: [
      `${points.toLocaleString('en')} points in ${tags.toLocaleString('en')} tags, until all are committed and compacted; committed alone ${Math.round(median(seen.map((round) => round.points / round.seconds))).toLocaleString('en')} points/s, with ${median(seen.map((round) => round.unitsMeanwhile))} units compacted meanwhile; ratio to ${peers.at(-1)[0]} (${perPeer.toLocaleString('en')} points)`,
      `page memory after each fifth: ${memory.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(', ')} MiB, ${keptPerPoint.toFixed(2)} bytes kept per point`,
      `bytes a point in our buffers: journal ${perPoint('journal').toFixed(1)}, compacted ${counted.toFixed(1)}; on disk by estimate() ${median(seen.map((round) => round.bytesPerPoint)).toFixed(1)}`,
      `longest pause of the loop ${median(seen.map((round) => round.longestPause)).toFixed(0)} ms`,
    ].join('; '),
  };
}

/** What compaction costs the flushes of a run that is logged at a steady pace. */
async function flushes({ siteUrl, rounds, progress }) {
  const seen = [];
  for (let round = 0; round < Math.min(rounds, pacedRounds); round++) {
    progress(`${paced.pointsPerSecond.toLocaleString('en')} points/s, round ${round + 1} of ${Math.min(rounds, pacedRounds)}`);
    seen.push(await withBrowser(siteUrl, ({ measureFresh }) => measureFresh('paced-flushes', paced)));
  }
  const all = (pick) => seen.flatMap((round) => round[pick]);
  const [during, beside] = [quantile(all('during'), 0.95), quantile(all('beside'), 0.95)];
  return {
    id: 'log-to-commit-flush',
    value: during - beside,
    unit: 'ms that the p95 of a flush grows while compacting',
    budget: '≤ 20 ms at 100,000 points/s',
    ok: during - beside <= 20,
    peers: {},
    ratio: null,
    ci95: null,
    note: [
      `${paced.tags} tags; p95 of ${all('during').length} flushes while compacting ${during.toFixed(1)} ms, of ${all('beside').length} others ${beside.toFixed(1)} ms`,
      `median ${median(all('during')).toFixed(1)} and ${median(all('beside')).toFixed(1)} ms, longest ${Math.max(...all('during')).toFixed(0)} and ${Math.max(...all('beside')).toFixed(0)} ms`,
      `compacting ${((seen.reduce((sum, round) => sum + round.maintenance, 0) / (seen.length * paced.seconds * 1000)) * 100).toFixed(0)} % of the time; training and store in one thread`,
    ].join('; '),
  };
}

/** Until everything is compacted, where that is done. */
function rate({ points, seconds, secondsCompacted }) {
  return points / (secondsCompacted ?? seconds);
}
