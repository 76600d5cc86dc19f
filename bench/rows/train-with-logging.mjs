// What logging four values of every step costs training: our loop against TensorFlow.js's own, which logs nothing.
import { withBrowser } from '../lib/browser.mjs';
import { median, pairedRatio } from '../lib/statistics.mjs';

export const id = 'train-with-logging';
export const pages = ['train-with-logging'];

/** An interval from five rounds is their whole range; a bound needs more. */
const fewestRounds = 9;
const bare = "bare fit, yieldEvery 'never'";
const cases = [
  {
    id,
    title: '2-16-1, batch 32, SGD, wasm (one thread)',
    budget: 'median ≥ 1.0',
    isOk: ({ ratio }) => ratio >= 1,
    options: { backend: 'wasm', workload: 'tiny', steps: 2000, visSteps: 60 },
  },
  {
    id: `${id}-mlp`,
    title: '784-128-10, batch 64, Adam, wasm (one thread)',
    budget: 'lower 95 % bound ≥ 0.97',
    isOk: ({ ci95 }) => ci95[0] >= 0.97,
    options: { backend: 'wasm', workload: 'mlp', steps: 250, visSteps: 40 },
  },
  {
    id: `${id}-webgpu`,
    title: '2-16-1, batch 32, SGD, WebGPU in software (SwiftShader), so no measure of a GPU',
    budget: 'median ≥ 1.0',
    isOk: ({ ratio }) => ratio >= 1,
    options: { backend: 'webgpu', workload: 'tiny', steps: 60, visSteps: 0 },
  },
];

export async function run({ siteUrl, rounds, progress }) {
  const results = [];
  for (const { title, isOk, options, ...one } of cases) {
    progress(title);
    const { visSteps, ...common } = options;
    const { version, rates, vis } = await withBrowser(siteUrl, async (browser) => ({
      version: browser.version,
      rates: await browser.measureFresh('train-with-logging', { ...common, sides: 'ours and fit', rounds: Math.max(rounds, fewestRounds) }),
      vis: visSteps > 0 ? await browser.measureFresh('train-with-logging', { ...common, steps: visSteps, sides: 'tfjs-vis', rounds }) : {},
    }));
    const { ours, ...others } = { ...rates, ...vis };
    const compared = pairedRatio(ours, rates[bare]);
    results.push({
      version,
      ...one,
      value: median(ours),
      unit: 'steps/s',
      ok: isOk(compared),
      peers: Object.fromEntries(Object.entries(others).map(([name, list]) => [name, median(list)])),
      ...compared,
      note: `${title}; System and Trainer, loss and three metrics of every step into the database; ratio to ${bare} with the same compiled metrics; ${options.steps} steps a round${visSteps > 0 ? ` (tfjs-vis ${visSteps}, in a page of its own)` : ''}, start and finish of the run included`,
    });
  }
  return results;
}
