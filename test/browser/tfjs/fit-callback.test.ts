// Comes first: see there.
import './count-frames.ts';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { fitCallback, type FitValues } from '../../../src/tfjs/fit.ts';
import { disposedModels, framesOf, makeData, settings, stepsOf, valuesOf, watchedRun } from './fit-pages.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const { x, y } = makeData();
const newModel = disposedModels();

/** A class of the page's own, as `tf.Callback` invites to write. */
class Instance extends tf.Callback {
  readonly heard: string[] = [];
  override async onBatchEnd(batch: number): Promise<void> {
    this.heard.push(`batch ${batch}`);
  }
  override async onEpochEnd(epoch: number): Promise<void> {
    this.heard.push(`epoch ${epoch} of ${String(this.model.layers.length)} layers, ${String(this.params['epochs'])} epochs`);
  }
}

/** What 2 epochs of 4 batches make a callback hear. */
const heardByInstance = [0, 1].flatMap((epoch) => ['batch 0', 'batch 1', 'batch 2', 'batch 3', `epoch ${epoch} of 2 layers, 2 epochs`]);
const heardByLiteral = ['batch number', 'batch number', 'batch number', 'batch number', 'epoch number'];

type Kind = 'ours' | 'literal' | 'instance' | 'stopping' | 'custom';

const orders: readonly (readonly Kind[])[] = [
  ['ours'],
  ['ours', 'literal'],
  ['literal', 'ours'],
  ['ours', 'instance'],
  ['instance', 'ours'],
  ['ours', 'stopping'],
  ['stopping', 'ours'],
  ['ours', 'literal', 'instance'],
  ['ours', 'instance', 'literal'],
  ['literal', 'ours', 'instance'],
  ['literal', 'instance', 'ours'],
  ['instance', 'ours', 'literal'],
  ['instance', 'literal', 'ours'],
  ['ours', 'custom'],
  ['custom', 'ours'],
  ['instance', 'custom', 'literal', 'stopping', 'ours'],
  ['literal', 'literal', 'ours', 'ours'],
];

describe('the order of callbacks', () => {
  for (const way of ['list', 'also'] as const) {
    for (const kinds of way === 'list' ? orders : orders.filter(([first, second]) => first === 'ours' && second !== undefined)) {
      test(`${kinds.join(', ')} as ${way}: each gets what it would get alone`, async () => {
        const literals: string[][] = [];
        const instances: Instance[] = [];
        const customs: string[][] = [];
        const runs = [];
        const list: (tf.CustomCallbackArgs | tf.Callback)[] = [];
        for (const kind of kinds) {
          if (kind === 'ours') {
            if (way === 'also') continue;
            const watched = await watchedRun();
            runs.push(watched);
            list.push(fitCallback(watched.run, { tf }));
          } else if (kind === 'literal') {
            const heard: string[] = [];
            literals.push(heard);
            list.push({
              onBatchEnd: (_: number, logs?: FitValues) => void heard.push(`batch ${typeof logs?.['loss']}`),
              onEpochEnd: (_: number, logs?: FitValues) => void heard.push(`epoch ${typeof logs?.['acc']}`),
            });
          } else if (kind === 'instance') {
            const instance = new Instance();
            instances.push(instance);
            list.push(instance);
          } else if (kind === 'custom') {
            const heard: string[] = [];
            customs.push(heard);
            list.push(new tf.CustomCallback({ onEpochEnd: (_, logs) => void heard.push(`epoch ${typeof logs?.['acc']}`) }));
          } else list.push(tf.callbacks.earlyStopping({ monitor: 'loss', patience: 10 }));
        }
        if (way === 'also') {
          const watched = await watchedRun();
          runs.push(watched);
          list.splice(0, list.length, fitCallback(watched.run, { tf, also: [...list] }));
        }
        const { history } = await newModel().fit(x, y, { ...settings, epochs: 2, callbacks: list });
        for (const { run, rows, errors } of runs) {
          await run.finish();
          expect(errors).toEqual([]);
          expect(stepsOf(rows, 'train/loss/step')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
          expect(valuesOf(rows, 'train/loss/epoch')).toEqual(history['loss']);
        }
        for (const heard of literals) expect(heard).toEqual([...heardByLiteral, ...heardByLiteral]);
        for (const { heard } of instances) expect(heard).toEqual(heardByInstance);
        for (const heard of customs) expect(heard).toEqual(['epoch number', 'epoch number']);
      });
    }
  }

  test('an early stop works from behind ours, and the run says that it was stopped', async () => {
    const { run } = await watchedRun();
    const stopping = tf.callbacks.earlyStopping({ monitor: 'loss', minDelta: 1e9, patience: 1 });
    const { epoch } = await newModel().fit(x, y, { ...settings, epochs: 9, callbacks: [fitCallback(run, { tf, finish: true }), stopping] });
    expect(epoch).toEqual([0, 1]);
    expect(run.info.status).toBe('stopped');
  });

  test('lists without ours are left as they are', async () => {
    const { run } = await watchedRun();
    fitCallback(run, { tf });
    const instance = new Instance();
    await newModel().fit(x, y, { ...settings, epochs: 2, callbacks: instance });
    await newModel().fit(x, y, { ...settings, epochs: 0, callbacks: [instance] });
    expect(instance.heard).toEqual(heardByInstance);
    const mixed = newModel().fit(x, y, { ...settings, callbacks: [instance, {}] as tf.CustomCallbackArgs[] });
    await expect(mixed).rejects.toThrow(/setParams/);
    expect(instance instanceof tf.Callback).toBe(true);
    expect({} instanceof tf.Callback).toBe(false);
    expect(Object.hasOwn(tf.CustomCallback.prototype, 'setParams')).toBe(false);
  });

  test('spread into a literal of the page, which has handlers of its own, it logs all the same', async () => {
    const { run, rows } = await watchedRun();
    const heard: string[] = [];
    const callbacks = {
      ...fitCallback(run, { tf }),
      onTrainBegin: () => void heard.push('begin'),
      onEpochEnd: () => void heard.push('epoch'),
    };
    await newModel().fit(x, y, { ...settings, callbacks });
    expect(heard).toEqual(['begin', 'epoch', 'epoch', 'epoch']);
    expect(stepsOf(rows, 'train/loss/step')).toHaveLength(12);
  });

  test('a fit of a TensorFlow.js that is not tf is refused, not left unlogged', async () => {
    const { run } = await watchedRun();
    class Base {}
    class CustomCallback extends Base {}
    const other = { ...tf, CustomCallback } as unknown as typeof tf; // a copy, as far as it is looked at
    const fit = newModel().fit(x, y, { ...settings, callbacks: fitCallback(run, { tf: other }) });
    await expect(fit).rejects.toMatchObject({ name: 'LogError', code: 'two-copies' });
  });

  test('called by a callback of the page instead of TensorFlow.js it says where to put it', async () => {
    const { run } = await watchedRun();
    const ours = fitCallback(run, { tf });
    for (const callbacks of [new tf.CustomCallback(ours), { onTrainBegin: () => ours.onTrainBegin() }]) {
      await expect(newModel().fit(x, y, { ...settings, callbacks })).rejects.toThrow(/put that into `callbacks` as it is/);
    }
  });
});

describe('yields', () => {
  const literal = (): tf.CustomCallbackArgs => ({ onEpochEnd: () => {} });
  for (const yieldEvery of ['auto', 'batch', 'epoch', 'never', 100] as const) {
    test(`as often as without it: yieldEvery ${yieldEvery}`, async () => {
      const bare = await framesOf((model, x, y) => model.fit(x, y, { ...settings, yieldEvery, callbacks: literal() }));
      const expected = { auto: 4, batch: 12, epoch: 3, never: 0, 100: 6 }[yieldEvery];
      expect(bare.frames).toBe(expected);
      const { run } = await watchedRun();
      const ours = fitCallback(run, { tf });
      const lists: tf.CustomCallbackArgs[][] = [
        [ours],
        [ours, literal()],
        [literal(), ours],
        [fitCallback(run, { tf, also: literal() })],
        [ours, tf.callbacks.earlyStopping({ monitor: 'loss', patience: 9 })],
        [tf.callbacks.earlyStopping({ monitor: 'loss', patience: 9 }), ours],
      ];
      for (const callbacks of lists) {
        const { frames, ticks } = await framesOf((model, x, y) => model.fit(x, y, { ...settings, yieldEvery, callbacks }));
        expect(frames).toBe(expected);
        // A frame comes each 16 ms, timers sooner: those of the page go off meanwhile.
        expect(ticks).toBeGreaterThanOrEqual(frames - 1);
      }
    });
  }

  test('onYield of the page is called as often as without it', async () => {
    const count = async (
      callbacks: (literal: tf.CustomCallbackArgs) => tf.CustomCallbackArgs | tf.CustomCallbackArgs[],
    ): Promise<number> => {
      let yields = 0;
      await framesOf((model, x, y) =>
        model.fit(x, y, { ...settings, yieldEvery: 100, callbacks: callbacks({ onYield: () => void yields++ }) }),
      );
      return yields;
    };
    const { run } = await watchedRun();
    expect(await count((literal) => literal)).toBe(6);
    expect(await count((literal) => fitCallback(run, { tf, also: literal }))).toBe(6);
    expect(await count((literal) => [fitCallback(run, { tf }), literal])).toBe(6);
    expect(await count((literal) => ({ ...literal, ...fitCallback(run, { tf }) }))).toBe(6);
  });
});

describe('what is logged', () => {
  test('loss, metrics and learning rate under the tags of System, with validation, as in the history', async () => {
    const { run, rows, errors } = await watchedRun();
    const { history } = await newModel().fit(x, y, { ...settings, validationData: [x, y], callbacks: fitCallback(run, { tf }) });
    expect(errors).toEqual([]);
    expect([...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))].sort()).toEqual([
      'train/loss/epoch',
      'train/loss/step',
      'train/lr',
      'train/metrics/accuracy/epoch',
      'train/metrics/accuracy/step',
      'val/loss/epoch',
      'val/metrics/accuracy/epoch',
    ]);
    expect(valuesOf(rows, 'train/loss/epoch')).toEqual(history['loss']);
    expect(valuesOf(rows, 'train/metrics/accuracy/epoch')).toEqual(history['acc']);
    expect(valuesOf(rows, 'val/loss/epoch')).toEqual(history['val_loss']);
    expect(valuesOf(rows, 'val/metrics/accuracy/epoch')).toEqual(history['val_acc']);
    expect(stepsOf(rows, 'train/loss/epoch')).toEqual([3, 7, 11]);
    expect(stepsOf(rows, 'train/lr')).toEqual([0, 4, 8]);
    expect(valuesOf(rows, 'train/lr')).toEqual([0.1, 0.1, 0.1]);
    expect(run.info.config).toEqual({ optimizer: 'SGD', lr: 0.1, batchSize: 10, epochs: 3, loss: 'loss' });
    expect(run.info.facts).toMatchObject({ backend: 'cpu', 'run.epochs': 3 });
  });

  test('the values of each batch are those that the page would get', async () => {
    const { run, rows } = await watchedRun();
    const losses: number[] = [];
    const also = { onBatchEnd: (_: number, logs?: FitValues) => void losses.push(logs?.['loss'] ?? NaN) };
    await newModel().fit(x, y, { ...settings, callbacks: fitCallback(run, { tf, also }) });
    expect(valuesOf(rows, 'train/loss/step')).toEqual(losses);
    expect(losses).toHaveLength(12);
  });

  for (const place of ['also', 'before', 'behind'] as const) {
    test(`what callbacks of the page log by themselves lies at the batch and epoch that they are told of: ${place}`, async () => {
      const { run, rows } = await watchedRun();
      const own = {
        onBatchBegin: (batch: number) => run.log('my/begin', batch),
        onBatchEnd: (_: number, logs?: FitValues) => run.log('my/loss', logs?.['loss'] ?? NaN),
        onEpochEnd: (_: number, logs?: FitValues) => run.log('my/epoch', logs?.['loss'] ?? NaN),
        onTrainEnd: () => run.log('my/end', 1),
      };
      const ours = fitCallback(run, place === 'also' ? { tf, also: own } : { tf });
      await newModel().fit(x, y, { ...settings, callbacks: { also: ours, before: [own, ours], behind: [ours, own] }[place] });
      await run.finish();
      expect(stepsOf(rows, 'my/begin')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      expect(stepsOf(rows, 'my/loss')).toEqual(stepsOf(rows, 'my/begin'));
      expect(valuesOf(rows, 'my/loss')).toEqual(valuesOf(rows, 'train/loss/step'));
      const at = (tag: string): unknown[] => rows.filter(({ metrics }) => tag in metrics).map(({ step, epoch }) => [step, epoch]);
      expect(at('my/epoch')).toEqual([3, 7, 11].map((step, epoch) => [step, epoch]));
      expect(at('train/loss/epoch')).toEqual(at('my/epoch'));
      expect(at('my/end')).toEqual([[11, 2]]);
    });
  }

  test('metrics that differ in name only by their spelling stay apart, and one without a name has one', async () => {
    const { run, rows } = await watchedRun();
    const model = newModel();
    const accuracy = (target: tf.Tensor, predicted: tf.Tensor): tf.Tensor => tf.mean(tf.abs(tf.sub(target, predicted)));
    const nameless = [(target: tf.Tensor): tf.Tensor => tf.mean(target)][0]!;
    model.compile({ optimizer: 'sgd', loss: { [model.outputNames[0]!]: 'meanSquaredError' }, metrics: ['accuracy', accuracy, nameless] });
    const { history } = await model.fit(x, y, { ...settings, validationData: [x, y], callbacks: fitCallback(run, { tf }) });
    await run.finish();
    expect(valuesOf(rows, 'train/metrics/acc/epoch')).toEqual(history['acc']);
    expect(valuesOf(rows, 'train/metrics/accuracy/epoch')).toEqual(history['accuracy']);
    expect(valuesOf(rows, 'val/metrics/accuracy/epoch')).toEqual(history['val_accuracy']);
    expect(valuesOf(rows, 'train/metrics/unnamed/epoch')).toEqual(history['']);
    expect(run.info.config['loss']).toEqual({ [model.outputNames[0]!]: 'meanSquaredError' });
  });

  test('steps and epochs go on from fit to fit, and what the config says stays', async () => {
    const { run, rows } = await watchedRun({ config: { lr: 'my schedule' } });
    const callbacks = fitCallback(run, { tf });
    const model = newModel();
    await model.fit(x, y, { ...settings, callbacks });
    await model.fit(x, y, { ...settings, epochs: 2, callbacks });
    expect(stepsOf(rows, 'train/loss/step')).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(rows.filter(({ metrics }) => 'train/loss/epoch' in metrics).map(({ step, epoch }) => [step, epoch])).toEqual([
      [3, 0],
      [7, 1],
      [11, 2],
      [15, 3],
      [19, 4],
    ]);
    expect(run.info.config).toMatchObject({ lr: 'my schedule', epochs: 3 });
    expect(run.info.status).toBe('running');
  });

  test('fitDataset, too', async () => {
    const { run, rows } = await watchedRun();
    const data = tf.data
      .zip({ xs: tf.data.array((await x.array()) as number[][]), ys: tf.data.array((await y.array()) as number[][]) })
      .batch(10);
    await newModel().fitDataset(data, {
      epochs: 2,
      verbose: 0,
      validationData: data,
      callbacks: [tf.callbacks.earlyStopping({ monitor: 'loss', patience: 9 }), fitCallback(run, { tf }), {}],
    });
    expect(stepsOf(rows, 'train/loss/step')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(stepsOf(rows, 'val/metrics/accuracy/epoch')).toEqual([3, 7]);
  });

  test('updateFreq leaves batches out, histogramFreq adds weights, names keep those of Keras', async () => {
    const { run, rows } = await watchedRun({ store: memoryStore() });
    const callbacks = fitCallback(run, { tf, updateFreq: 3, histogramFreq: 2, names: 'keras' });
    await newModel().fit(x, y, { ...settings, validationData: [x, y], callbacks });
    expect(stepsOf(rows, 'batch_loss')).toEqual([2, 5, 8, 11]);
    expect(stepsOf(rows, 'val_acc')).toEqual([3, 7, 11]);
    expect([...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))].sort()).toEqual(
      ['batch_loss', 'batch_acc', 'loss', 'acc', 'val_loss', 'val_acc', 'lr'].sort(),
    );
    await run.flush();
    const records = await run.store?.records(run.id);
    expect(records?.map(({ kind, step, epoch }) => [kind, step, epoch])).toEqual(
      [0, 0, 2, 2].map((epoch) => ['histogram', 4 * epoch + 3, epoch]),
    );
    expect(records?.[0]?.tag).toMatch(/^weights\/dense_Dense\d+\/kernel$/);
    await run.finish();
    const epochs = await watchedRun();
    await newModel().fit(x, y, { ...settings, callbacks: fitCallback(epochs.run, { tf, updateFreq: 'epoch' }) });
    expect(stepsOf(epochs.rows, 'train/loss/epoch')).toEqual([3, 7, 11]);
    expect(stepsOf(epochs.rows, 'train/loss/step')).toEqual([]);
  });
});
