import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, test } from 'vitest';
import { tfjsEngine } from '../../../src/tfjs/engine.ts';
import { fitCallback } from '../../../src/tfjs/fit.ts';
import { makeData, makeModel, readsOf, settings, stepsOf, valuesOf, watchedRun } from './fit-pages.ts';

afterEach(async () => {
  await tf.setBackend('cpu');
});

test('on a GPU hundreds of scalars are read in one round trip, also over many short epochs', async () => {
  expect(await tf.setBackend('webgl'), 'this test needs WebGL').toBe(true);
  const { x, y } = makeData();
  const epochs = 40;
  const fit = async (callbacks?: tf.CustomCallbackArgs | tf.CustomCallbackArgs[]): Promise<number> => {
    const model = makeModel();
    const reads = await readsOf(() => model.fit(x, y, { ...settings, epochs, ...(callbacks === undefined ? {} : { callbacks }) }));
    model.dispose();
    return reads;
  };
  const bare = await fit();
  // Only full batches of handles are read then, so that the count does not depend on the clock.
  const { run, rows, errors } = await watchedRun({ readEveryMs: 1e9 });
  const heard: number[] = [];
  const ours = fitCallback(run, { tf });
  const logged = await fit(ours);
  const scalars = 2 * (4 * epochs + epochs);
  expect(stepsOf(rows, 'train/loss/step')).toHaveLength(4 * epochs);
  expect(logged - bare).toBeLessThanOrEqual(2 + scalars / 256);
  expect(run.deviceReads).toBe(logged - bare);

  // A literal of the page has each scalar read for itself; ours comes with what it has read, or before.
  const literal = { onBatchEnd: (_: number, logs?: Readonly<Record<string, number>>) => void heard.push(logs?.['loss'] ?? NaN) };
  const withLiteral = (await fit(literal)) - bare;
  expect((await fit([literal, ours])) - bare - withLiteral).toBeLessThanOrEqual(2 + scalars / 256);
  expect(valuesOf(rows, 'train/loss/step').slice(4 * epochs)).toEqual(heard.slice(4 * epochs));
  expect((await fit([ours, literal])) - bare - withLiteral).toBeLessThanOrEqual(2 + scalars / 256);
  expect(valuesOf(rows, 'train/loss/step').slice(8 * epochs)).toEqual(heard.slice(8 * epochs));
  expect(errors).toEqual([]);
  tf.dispose([x, y]);
});

test('no more than 1,024 scalars are kept while a fit goes on', async () => {
  const x = tf.ones([800, 2]);
  const y = tf.ones([800, 1]);
  const model = makeModel();
  const { run, rows } = await watchedRun({ readEveryMs: 1e9 });
  const kept: number[] = [];
  class Watch extends tf.Callback {
    override async onBatchEnd(): Promise<void> {
      kept.push(tf.memory().numTensors);
    }
  }
  await model.fit(x, y, { ...settings, epochs: 1, batchSize: 1, callbacks: [new Watch(), fitCallback(run, { tf })] });
  expect(stepsOf(rows, 'train/loss/step')).toHaveLength(800);
  expect(Math.max(...kept) - (kept[0] ?? 0)).toBeGreaterThan(700);
  expect(Math.max(...kept) - (kept[0] ?? 0)).toBeLessThanOrEqual(1024);
  tf.dispose([x, y]);
  model.dispose();
});

test('a run that has an engine keeps it, and the loss of a page logged beside the fit is read with it', async () => {
  const { x, y } = makeData();
  const model = makeModel();
  for (const engine of [tfjsEngine(), undefined]) {
    const { run, rows, errors } = await watchedRun(engine === undefined ? {} : { engine });
    const onBatchEnd = (): void => tf.tidy(() => run.log('mine', tf.scalar(3)));
    await model.fit(x, y, { ...settings, epochs: 1, callbacks: fitCallback(run, { tf, also: { onBatchEnd } }) });
    expect(valuesOf(rows, 'mine')).toEqual([3, 3, 3, 3]);
    expect(stepsOf(rows, 'train/loss/step')).toEqual([0, 1, 2, 3]);
    expect(errors).toEqual([]);
  }
  tf.dispose([x, y]);
  model.dispose();
});
