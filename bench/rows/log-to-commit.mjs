// How many points a second get from `run.log` into the database, for as long as anyone likes.
import { withBrowser } from '../lib/browser.mjs';
import { median, pairedRatio } from '../lib/statistics.mjs';

export const id = 'log-to-commit';
export const pages = ['log-to-commit', 'log-to-commit-records', 'log-to-commit-dexie'];

const tags = 20;
const perPeer = 20_000;

export async function run({ siteUrl, rounds, points, progress }) {
  const seen = [];
  const peers = { 'one record per point, 1,000 per transaction': [], 'Dexie bulkPut of 1,000': [] };
  const [records, dexie] = Object.values(peers);
  let version = '';
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    // A new profile each round: rows that a database already holds slow the next ones down.
    await withBrowser(siteUrl, async (browser) => {
      version = browser.version;
      seen.push(await browser.measureFresh('log-to-commit', { points, tags }, { isolated: true }));
      records.push(rate(await browser.measureFresh('log-to-commit-records', { points: perPeer, tags, batch: 1000 })));
      const throughDexie = await browser.measureFresh('log-to-commit-dexie', { points: perPeer, tags, batch: 1000 });
      if (throughDexie !== null) dexie.push(rate(throughDexie));
    });
  }
  const rates = seen.map(rate);
  const value = median(rates);
  const memory = [0, 1, 2, 3, 4].map((fifth) => median(seen.map((round) => round.memory[fifth])));
  // Garbage that is on its way out moves a page by a few megabytes; a store that keeps points would hold 40 bytes of each.
  const keptPerPoint = (memory[4] - memory[0]) / (points * 0.8);
  const measured = Object.entries(peers).filter(([, list]) => list.length > 0);
  return [
    {
      version,
      id,
      value,
      unit: 'points/s',
      budget: '≥ 1,000,000 points/s over 10 M points in 20 tags, memory flat',
      ok: value >= 1e6 && keptPerPoint < 2,
      peers: Object.fromEntries(measured.map(([name, list]) => [name, median(list)])),
      ...pairedRatio(rates, measured.at(-1)[1]),
      note: [
        `${points.toLocaleString('en')} points in ${tags} tags; ratio to ${measured.at(-1)[0]} (${perPeer.toLocaleString('en')} points)`,
        `page memory after each fifth: ${memory.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(', ')} MiB, ${keptPerPoint.toFixed(2)} bytes kept per point`,
        `${median(seen.map((round) => round.bytesPerPoint)).toFixed(1)} bytes a point on disk by estimate()`,
        `longest pause of the loop ${median(seen.map((round) => round.longestPause)).toFixed(0)} ms`,
        'journal only: this version has no compaction',
      ].join('; '),
    },
  ];
}

function rate({ points, seconds }) {
  return points / seconds;
}
