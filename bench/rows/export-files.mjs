// How fast a run in the database becomes the bytes of an event file or a table.
import { join } from 'node:path';
import { withBrowser } from '../lib/browser.mjs';
import { runPython } from '../lib/python.mjs';
import { median, pairedRatio } from '../lib/statistics.mjs';

export const id = 'export';
export const pages = ['export-files'];

const tags = 20;
const points = 2_000_000;
const pythonScalars = 10_000;
const budgets = { tfevents: 3e6, csv: 1.5e6 };
const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);

export async function run({ siteUrl, rounds, progress }) {
  progress(`${points.toLocaleString('en')} points`);
  const seen = await withBrowser(siteUrl, async (browser) => ({
    version: browser.version,
    ...(await browser.measureFresh('export-files', { points, tags, rounds }, { isolated: true })),
  }));
  const python = runPython(join(import.meta.dirname, '../peers/tensorboardx.py'), [rounds, pythonScalars]);
  const theirs = python.value?.map((seconds) => pythonScalars / seconds);
  return Object.entries(budgets).map(([exporter, budget]) => {
    const rates = seen.rounds[exporter].map(({ seconds }) => seen.points / seconds);
    const value = median(rates);
    const memory = seen.memory[exporter];
    const most = Math.max(...memory) - memory[0];
    const isFile = exporter === 'tfevents';
    return {
      version: seen.version,
      id: `${id}-${exporter}`,
      value,
      unit: 'scalars/s',
      budget: `≥ ${budget.toLocaleString('en')} scalars/s, flat memory`,
      ok: value >= budget && most <= 32 * 2 ** 20,
      peers: isFile && theirs ? { 'tensorboardX add_scalar to close (Python)': median(theirs) } : {},
      ...(isFile && theirs ? pairedRatio(rates, theirs) : { ratio: null, ci95: null }),
      note: [
        `${seen.points.toLocaleString('en')} points in ${tags} tags, ${mib(seen.rounds[exporter][0].bytes)} MiB, streamed and counted`,
        `page memory before ${mib(memory[0])} MiB, then every 10 MB at most ${mib(most)} MiB more, at the last ${mib(memory.at(-1) - memory[0])} MiB more`,
        ...(isFile && python.missing ? [`tensorboardX not measured: ${python.missing}`] : []),
      ].join('; '),
    };
  });
}
