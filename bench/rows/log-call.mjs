// What one `run.log` of a number costs the loop that calls it.
import { join } from 'node:path';
import { withBrowser } from '../lib/browser.mjs';
import { runPython } from '../lib/python.mjs';
import { median, pairedRatio } from '../lib/statistics.mjs';

export const id = 'log-call';
export const pages = ['log-call', 'log-call-gpu'];

const calls = 400_000;
const gpu = { calls: 20_000, block: 500 };
const pythonCalls = 10_000;

export async function run({ siteUrl, rounds, progress }) {
  const seen = [];
  const scalars = [];
  const tensorboardx = [];
  let python = runPython(join(import.meta.dirname, '../peers/tensorboardx.py'), [1, pythonCalls]);
  const version = await withBrowser(siteUrl, async (browser) => {
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      seen.push(await browser.measureFresh('log-call', { calls, block: 2000 }));
      scalars.push(await browser.measureFresh('log-call-gpu', gpu));
      if (python.value) {
        python = runPython(join(import.meta.dirname, '../peers/tensorboardx.py'), [1, pythonCalls]);
        tensorboardx.push((python.value[0] * 1e6) / pythonCalls);
      }
    }
    return browser.version;
  });
  const ways = Object.keys(seen[0]);
  const of = (way, pick) => median(seen.map((round) => pick(round[way])));
  // The budget is for the slowest of the ways to log one number.
  const single = ways.filter((way) => !way.includes('four'));
  const slowest = single.toSorted((a, b) => of(b, (r) => r.inCalls) - of(a, (r) => r.inCalls))[0];
  const value = of(slowest, (r) => r.inCalls);
  const growth = pairedRatio(
    seen.map((round) => round[slowest].tenths[9]),
    seen.map((round) => round[slowest].tenths[1]),
  );
  const peer = tensorboardx.length > 0 ? { 'tensorboardX add_scalar (Python)': median(tensorboardx) } : {};
  const beside =
    tensorboardx.length > 0
      ? pairedRatio(
          seen.map((round) => round[slowest].inCalls),
          tensorboardx,
        )
      : { ratio: null, ci95: null };
  return [
    {
      version,
      id,
      value,
      unit: 'µs per number, log() and endStep()',
      budget: '≤ 1 µs; last tenth of the run ≤ 1.1 × its second tenth',
      ok: value <= 1 && growth.ci95[0] <= 1.1,
      peers: peer,
      ...beside,
      note: [
        `slowest way to log one number: ${slowest}`,
        ...ways.map(
          (way) =>
            `${way} ${of(way, (r) => r.inCalls).toFixed(2)} (with the flushes on the same thread ${of(way, (r) => r.allIn).toFixed(2)})`,
        ),
        `last tenth of ${calls.toLocaleString('en')} calls / second tenth = ${growth.ratio.toFixed(2)} [${growth.ci95.map((x) => x.toFixed(2)).join(', ')}]`,
        ...(python.missing ? [`tensorboardX not measured: ${python.missing}`] : []),
      ].join('; '),
    },
    ofScalar(version, scalars),
  ];
}

function ofScalar(version, seen) {
  const value = median(seen.map((round) => round.ofScalar));
  const reads = Math.max(...seen.map(({ readsInCalls }) => readsInCalls));
  return {
    version,
    id: 'log-call-gpu',
    value,
    unit: 'µs per scalar on the GPU, log() and endStep()',
    budget: '≤ 30 µs of host time, 0 reads in the calls',
    ok: value <= 30 && reads === 0,
    peers: { 'log() of a number, same loop': median(seen.map(({ ofNumber }) => ofNumber)) },
    ...pairedRatio(
      seen.map((round) => round.ofScalar),
      seen.map(({ ofNumber }) => ofNumber),
    ),
    note: `WebGPU, ${gpu.calls.toLocaleString('en')} calls in blocks of ${gpu.block} with a flush between, which is not timed; cloning and keeping the tensor is what costs; mapAsync calls within the calls: ${reads}, in all: ${median(seen.map(({ readsInAll }) => readsInAll))}`,
  };
}
