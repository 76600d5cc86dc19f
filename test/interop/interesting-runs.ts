import type { MetricStore } from '../../src/store/metric-store.ts';
import { addRun, startedAt } from '../unit/export/sample-runs.ts';
import type { Point } from '../unit/export/sample-runs.ts';

/** Tags that a program may use and a desktop tool may stumble over. */
export const oddTags: readonly string[] = [
  'loss',
  'val/損失',
  'with space',
  'quote"\'`',
  'a/b/c/d',
  '/leading/slash',
  '=1+1',
  '<b>&amp;',
  'x?y#z%20',
  '😀',
  '_hparams_/mine',
  'tab\there',
  'back\\slash',
  'trailing/',
  '(group) [x] {y} +*.^$|',
  'NA',
];

/** Fills a store with runs of all kinds and gives back their ids. */
export async function addInterestingRuns(store: MetricStore): Promise<string[]> {
  const config = {
    lr: 0.03,
    layers: [128, 64],
    optimizer: { name: 'adam', beta1: 0.9, decay: null },
    shuffle: false,
    seed: 0,
    clip: Infinity,
    note: '=cmd|"x"',
    clé: 'é, "ü"',
  };
  const finished = await addRun(store, trainingPoints(3000), { project: 'mnist', name: 'mlp', config }, 512);
  await store.updateRun(finished.id, { status: 'finished', endedAt: startedAt + 9000 });

  const failed = await addRun(store, trainingPoints(50), {
    project: 'mnist',
    config: { ...config, lr: 0.1, shuffle: true },
    startedAt: startedAt + 100,
  });
  await store.updateRun(failed.id, { status: 'failed', endedAt: startedAt + 200, failure: 'out of memory' });

  const odd = await addRun(
    store,
    oddTags.flatMap((tag) => [0, 1, 2].map((step) => ({ tag, step, value: step / 3 }))),
    {
      project: 'odd / project',
      name: 'ünï "run"',
      startedAt: startedAt + 200,
    },
  );
  const special = await addRun(store, specialPoints(), {
    project: 'mnist',
    name: 'special',
    config: { lr: 1e-4 },
    startedAt: startedAt + 300,
  });
  const empty = await addRun(store, [], { project: 'mnist', name: 'empty', startedAt: startedAt + 400 });
  const huge = await addRun(
    store,
    [0, 2 ** 40].map((step) => ({ tag: 'loss', step, value: 1 })),
    { project: 'mnist', name: 'huge', config: { lr: 7 }, startedAt: startedAt + 500 },
  );
  return [finished.id, failed.id, odd.id, special.id, empty.id, huge.id];
}

// What a trainer logs: every step, and at the end of every tenth of the run an epoch.
function trainingPoints(steps: number): Point[] {
  const points: Point[] = [];
  for (let step = 0; step < steps; step++) {
    const epoch = Math.floor((step * 10) / steps);
    const wallTime = startedAt + step + 0.125;
    points.push({ tag: 'train/loss/step', step, epoch, wallTime, value: Math.exp(-step / 1000) + 0.1 * Math.sin(step * step) });
    points.push({ tag: 'train/lr', step, epoch, wallTime, value: 0.03 / (1 + step) });
    if ((step + 1) % (steps / 10) !== 0) continue;
    for (const part of ['train', 'val']) {
      points.push({ tag: `${part}/loss/epoch`, step, epoch, wallTime, value: Math.exp(-step / 1000) + (part === 'val' ? 0.2 : 0) });
      points.push({ tag: `${part}/metrics/accuracy/epoch`, step, epoch, wallTime, value: 1 - Math.exp(-step / 700) });
    }
  }
  return points;
}

function specialPoints(): Point[] {
  const values = [0, -0, NaN, Infinity, -Infinity, 1e300, -1e-300, 1 / 3];
  return [
    ...values.map((value, step) => ({ tag: 'special/values', step, value })),
    ...[0, 1, 1, 1, 2, 2].map((step, i) => ({ tag: 'special/repeated', step, value: i })),
    ...[0, 1, 2, 3, 1, 2, 5].map((step, i) => ({ tag: 'special/resumed', step, value: i })),
    ...[-5, 0, 2 ** 31 - 1].map((step) => ({ tag: 'special/steps', step, value: step })),
  ];
}
