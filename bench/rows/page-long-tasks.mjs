// How long our script holds up the page that shows a training: it must stay smooth.
import { withBrowser } from '../lib/browser.mjs';
import { recordScripts } from '../lib/script-trace.mjs';
import { quantile } from '../lib/statistics.mjs';

export const id = 'page-long-tasks';
export const pages = ['page-long-tasks'];

const fewestRedraws = 100;
const peerSeconds = 20;

export async function run({ siteUrl, seconds, progress }) {
  progress(`${seconds} s of a page while a worker trains`);
  const ours = await watch(siteUrl, { seconds, panel: 'ours' });
  progress(`${peerSeconds} s of the same with tfjs-vis`);
  const vis = await watch(siteUrl, { seconds: peerSeconds, panel: 'tfjs-vis' });
  const wall = ({ frames }) => frames.map((frame) => frame.wall);
  const cpu = ({ frames }) => frames.map((frame) => frame.cpu);
  const value = quantile(wall(ours), 0.99);
  const longest = Math.max(...wall(ours));
  const spread = (values) =>
    `median ${quantile(values, 0.5).toFixed(1)}, p95 ${quantile(values, 0.95).toFixed(1)}, p99 ${quantile(values, 0.99).toFixed(1)}, longest ${Math.max(...values).toFixed(1)} ms`;
  const summary = (seen) =>
    [
      `${seen.page.charts} charts`,
      `${seen.page.redraws} redraws`,
      `${seen.page.steps.toLocaleString('en')} steps, ${seen.page.points.toLocaleString('en')} points`,
      `script per frame: ${spread(wall(seen))} (of ${seen.frames.length} frames with script)`,
      `of it not spent waiting for a processor: ${spread(cpu(seen))}`,
      `${seen.page.longFrames.length} frames of 50 ms or more in which our script had a part`,
    ].join(', ');
  return [
    {
      version: ours.version,
      id,
      value,
      unit: 'ms of script per frame, p99',
      budget: '≤ 16 ms, none over 50 ms, panel redrawn ≥ 100 times',
      ok: value <= 16 && longest <= 50 && ours.page.redraws >= fewestRedraws,
      peers: vis === undefined ? {} : { 'tfjs-vis': quantile(wall(vis), 0.99) },
      ratio: vis === undefined ? null : value / quantile(wall(vis), 0.99),
      ci95: null,
      note: [
        `${seconds} s, a 2-16-1 net in a worker on wasm, ten tags a step; frames without script are left out, which is stricter`,
        summary(ours),
        ...worst(ours.page.longFrames),
        ...(vis === undefined ? ['tfjs-vis is not installed'] : [`tfjs-vis over ${peerSeconds} s: ${summary(vis)}`]),
      ].join('; '),
    },
  ];
}

async function watch(siteUrl, options) {
  return withBrowser(siteUrl, async (browser) => {
    const opened = await browser.open();
    const trace = await recordScripts(opened.page);
    const page = await opened.measure('page-long-tasks', options);
    const frames = await trace.stop();
    return page === null ? undefined : { version: browser.version, page, frames };
  });
}

function worst(longFrames) {
  const scripts = longFrames.flat().toSorted((a, b) => b.milliseconds - a.milliseconds);
  if (scripts.length === 0) return [];
  return [`longest script in a long frame ${scripts[0].milliseconds.toFixed(0)} ms: ${scripts[0].where}`];
}
