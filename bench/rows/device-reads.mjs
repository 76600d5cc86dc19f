// How often a GPU is asked for values while four of every step are logged.
import { withBrowser } from '../lib/browser.mjs';

export const id = 'device-reads';
/** No times in it: a busy machine changes nothing. */
export const isCounted = true;
export const pages = ['device-reads'];

const bare = "bare fit, yieldEvery 'never'";
const steps = 500;
const peerSteps = 100;
const readEveryMs = 250;

export async function run({ siteUrl, progress }) {
  progress(`${steps} steps on WebGPU in software`);
  const { version, seen } = await withBrowser(siteUrl, async (browser) => ({
    version: browser.version,
    seen: await browser.measureFresh('device-reads', { steps, peerSteps }),
  }));
  const { ours, ...others } = seen;
  const allowed = Math.max((20 * ours.steps) / 1000, (ours.seconds * 1000) / readEveryMs) + 1;
  const perThousand = ({ reads, steps: made }) => (reads * 1000) / made;
  const logging = perThousand(others['fit + onBatchEnd']);
  const value = perThousand(ours);
  return [
    {
      version,
      id,
      value,
      unit: 'mapAsync calls per 1,000 steps',
      budget: `≤ the larger of 20 per 1,000 steps and one per ${readEveryMs} ms, plus one per epoch: ${Math.floor(allowed)} here`,
      ok: ours.reads <= allowed,
      peers: Object.fromEntries(Object.entries(others).map(([name, side]) => [name, perThousand(side)])),
      ratio: value / logging,
      ci95: null,
      note: `counted, not timed: ${ours.reads} calls in one epoch of ${ours.steps} steps, ${ours.seconds.toFixed(1)} s (software WebGPU: a GPU is faster and so reads less often per step); peers over ${peerSteps} steps, scaled; ratio to fit + onBatchEnd; dispatches per step: ${ours.dispatches.toFixed(1)}, fit ${others[bare].dispatches.toFixed(1)}`,
    },
  ];
}
