// What metrics with states cost over a million samples, beside what a page would otherwise write.
import { withBrowser } from '../lib/browser.mjs';
import { median, pairedRatio } from '../lib/statistics.mjs';

export const id = 'metrics';
export const pages = ['metrics'];

const samples = 1_000_000;
const fewSamples = 50_000;
const batch = 10_000;
const classes = 200;

export async function run({ siteUrl, rounds, progress }) {
  const seen = [];
  const version = await withBrowser(siteUrl, async (browser) => {
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      seen.push(await browser.measureFresh('metrics', { samples, fewSamples, batch, classes }));
    }
    return browser.version;
  });
  const [wrong] = seen.flatMap(({ errors }) => errors);
  if (wrong !== undefined) throw new Error(`bench: the sides do not agree: ${wrong}.`);
  const row = (key, about) => {
    const [ours, ...others] = Object.keys(seen[0][key]);
    const times = (side) => seen.map((round) => round[key][side]);
    const value = median(times(ours));
    return {
      version,
      value,
      unit: `ms for ${samples.toLocaleString('en')} samples`,
      peers: Object.fromEntries(others.map((side) => [side, median(times(side))])),
      ...pairedRatio(times(ours), times(others[0])),
      note: `${about}; batches of ${batch.toLocaleString('en')}, typed arrays, one thread; TensorFlow.js (wasm) over ${fewSamples.toLocaleString('en')} samples, scaled; ratio to ${others[0]}`,
    };
  };
  const confusion = row('confusion', `confusion matrix of ${classes} classes, all sides give the same counts`);
  const auroc = row('auroc', 'area under the ROC curve of 200 thresholds; all sides agree to two places');
  return [
    { ...confusion, id: 'metrics-confusion-200', budget: '≤ 200 ms', ok: confusion.value <= 200 },
    { ...auroc, id: 'metrics-auroc-1m', budget: '≤ 400 ms', ok: auroc.value <= 400 },
  ];
}
