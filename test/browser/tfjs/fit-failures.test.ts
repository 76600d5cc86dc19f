// Comes first: see there.
import './count-frames.ts';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { fitCallback, type FitValues } from '../../../src/tfjs/fit.ts';
import { disposedModels, makeData, settings, stepsOf, valuesOf, watchedRun } from './fit-pages.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const { x, y } = makeData();
const newModel = disposedModels();

describe('what goes wrong', () => {
  test('a run that is finished in the middle is told once, and the fit goes on', async () => {
    const { run, rows, errors } = await watchedRun();
    let batches = 0;
    const also = { onBatchEnd: () => ((batches += 1) === 6 ? run.finish() : undefined) };
    await newModel().fit(x, y, { ...settings, callbacks: fitCallback(run, { tf, also }) });
    expect(batches).toBe(12);
    expect(stepsOf(rows, 'train/loss/step')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(errors.map(({ code }) => code)).toEqual(['closed-run']);
    const late = await newModel().fit(x, y, { ...settings, callbacks: fitCallback(run, { tf }) });
    expect(late.epoch).toEqual([0, 1, 2]);
    expect(errors.map(({ code }) => code)).toEqual(['closed-run', 'closed-run']);
  });

  test('the last batch of a fit that threw keeps its step, and the next fit begins a new one', async () => {
    const { run, rows } = await watchedRun();
    const also = {
      onBatchEnd(batch: number): void {
        if (batch === 1) throw new Error('mine');
      },
    };
    const model = newModel();
    await expect(model.fit(x, y, { ...settings, callbacks: fitCallback(run, { tf, also }) })).rejects.toThrow('mine');
    await model.fit(x, y, { ...settings, epochs: 1, callbacks: fitCallback(run, { tf }) });
    expect(stepsOf(rows, 'train/loss/step')).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('the last epoch of a fit that threw keeps its values, and the next fit begins a new one', async () => {
    const { run, rows } = await watchedRun();
    const heard: number[] = [];
    const also = {
      onEpochEnd(epoch: number, logs?: FitValues): void {
        heard.push(logs?.['loss'] ?? NaN);
        if (epoch === 1) throw new Error('mine');
      },
    };
    const model = newModel();
    await expect(model.fit(x, y, { ...settings, callbacks: fitCallback(run, { tf, also }) })).rejects.toThrow('mine');
    await model.fit(x, y, { ...settings, epochs: 1, callbacks: fitCallback(run, { tf, also }) });
    await run.finish();
    expect(valuesOf(rows, 'train/loss/epoch')).toEqual(heard);
    const at = rows.filter(({ metrics }) => 'train/loss/epoch' in metrics).map(({ step, epoch }) => [step, epoch]);
    expect(at).toEqual([3, 7, 11].map((step, epoch) => [step, epoch]));
  });

  test('two in one list that log into one run count its steps and epochs once', async () => {
    const { run, rows } = await watchedRun();
    const callbacks = [fitCallback(run, { tf }), fitCallback(run, { tf, names: 'keras' })];
    const { history } = await newModel().fit(x, y, { ...settings, callbacks });
    await run.finish();
    const at = (tag: string): unknown[] => rows.filter(({ metrics }) => tag in metrics).map(({ step, epoch }) => [step, epoch]);
    expect(at('train/loss/epoch')).toEqual([3, 7, 11].map((step, epoch) => [step, epoch]));
    expect(at('loss')).toEqual(at('train/loss/epoch'));
    expect(valuesOf(rows, 'loss')).toEqual(history['loss']);
  });

  test('what a callback of the page throws ends the fit as it would alone; with finish the run is failed', async () => {
    const thrown = new Error('mine');
    for (const finish of [true, false]) {
      const { run, errors } = await watchedRun();
      const callbacks = [
        fitCallback(run, { tf, finish }),
        {
          onEpochEnd: () => {
            throw thrown;
          },
        },
      ];
      await expect(newModel().fit(x, y, { ...settings, callbacks })).rejects.toBe(thrown);
      if (finish) await run.settled;
      expect(run.info.status).toBe(finish ? 'failed' : 'running');
      expect(errors).toEqual([]);
    }
  });

  test('with finish the run is finished with the fit, with all that was logged', async () => {
    const { run } = await watchedRun({ store: memoryStore() });
    const model = newModel();
    await model.fit(x, y, { ...settings, callbacks: fitCallback(run, { tf, finish: true }) });
    expect(run.info.status).toBe('finished');
    expect(Object.getOwnPropertyDescriptor(Reflect.get(model, 'model'), 'isTraining')).toMatchObject({ value: false, writable: true });
  });

  test('nothing of the fit is kept in memory', async () => {
    const { run } = await watchedRun();
    const model = newModel();
    await model.fit(x, y, { ...settings, epochs: 1, callbacks: fitCallback(run, { tf }) });
    const { numTensors } = tf.memory();
    await model.fit(x, y, { ...settings, validationData: [x, y], callbacks: fitCallback(run, { tf, histogramFreq: 1 }) });
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test('wrong options and a missing TensorFlow.js are refused with the next move', async () => {
    const { run } = await watchedRun();
    expect(() => fitCallback(run)).toThrow(expect.objectContaining({ code: 'missing-peer' }));
    expect(() => fitCallback(run)).toThrow(/Pass the TensorFlow\.js that trains: fitCallback\(run, \{ tf \}\)/);
    const refused: readonly (readonly [object, RegExp])[] = [
      [{ tf: {} }, /with its layers/],
      [{ tf, updateFreq: 'step' }, /updateFreq: the string "step"/],
      [{ tf, histogramFreq: -1 }, /histogramFreq/],
      [{ tf, names: 'pytorch' }, /names/],
      [{ tf, also: [3] }, /also/],
      [{ tf, also: [[{}]] }, /also/],
      [{ tf, finish: 'yes' }, /finish/],
      [{ tf, freq: 3 }, /there is no such option/],
    ];
    for (const [options, message] of refused) {
      expect(() => fitCallback(run, options)).toThrow(expect.objectContaining({ code: 'bad-options' }));
      expect(() => fitCallback(run, options)).toThrow(message);
    }
    expect(() => fitCallback(run, null as never)).toThrow(/need options/);
    expect(() => fitCallback(run, 'batch' as never)).toThrow(/need options/);
    expect(() => fitCallback({} as never, { tf })).toThrow(/need a run/);
    Object.assign(globalThis, { tf });
    try {
      expect(() => fitCallback(run)).not.toThrow();
    } finally {
      Reflect.deleteProperty(globalThis, 'tf');
    }
  });
});
