// What it costs a page's own `model.fit` to have every batch logged, beside the callbacks that people would otherwise use.
import { withBrowser } from '../lib/browser.mjs';
import { median, pairedRatio } from '../lib/statistics.mjs';

export const id = 'fit-callback';
export const pages = ['train-with-logging'];

/** An interval from five rounds is their whole range; a bound needs more. */
const fewestRounds = 9;
const bare = 'fit as it comes';
const common = { backend: 'wasm', workload: 'tiny', steps: 2000 };
const visSteps = 60;

export async function run({ siteUrl, rounds, progress }) {
  progress(bare);
  const { version, rates, vis } = await withBrowser(siteUrl, async (browser) => ({
    version: browser.version,
    rates: await browser.measureFresh('train-with-logging', {
      ...common,
      sides: 'callback and fit',
      rounds: Math.max(rounds, fewestRounds),
    }),
    vis: await browser.measureFresh('train-with-logging', { ...common, steps: visSteps, sides: 'tfjs-vis', rounds }),
  }));
  const { ours, ...others } = { ...rates, ...vis };
  const compared = pairedRatio(ours, rates[bare]);
  return [
    {
      version,
      id,
      budget: 'median ≥ 0.9',
      value: median(ours),
      unit: 'batches/s',
      ok: compared.ratio >= 0.9,
      peers: Object.fromEntries(Object.entries(others).map(([name, list]) => [name, median(list)])),
      ...compared,
      note: `2-16-1, batch 32, SGD, wasm (one thread); model.fit with fitCallback, loss and three metrics of every batch into the database; ratio to ${bare} with the same compiled metrics; ${common.steps} batches a round (tfjs-vis ${visSteps}, in a page of its own), start and finish of the run included`,
    },
  ];
}
