// Each line under `@ts-expect-error` must not compile; the type check fails when one does.
import type { Trainable } from '../../src/core/trainable.ts';
import { connectTrainer, exposeTrainer } from '../../src/worker/index.ts';

interface Digits extends Trainable {
  predict(images: Float32Array): Promise<Float32Array>;
}
interface DigitsConfig {
  readonly lr: number;
  readonly layers?: readonly number[];
}
declare function makeDigits(config: DigitsConfig): Digits;
declare function loadDigits(): Promise<Digits>;
declare const worker: Worker;

const api = exposeTrainer((config: DigitsConfig) => makeDigits(config), {
  calls: {
    classify: (digits, images: Float32Array) => digits.predict(images),
    count: (_digits, kind: 'train' | 'test', atMost?: number) => kind.length + (atMost ?? 0),
  },
});
const bare = exposeTrainer((config: { lr: number }) => makeDigits(config));
const trainer = connectTrainer<typeof api>(worker);

// What must compile, and what it must be.
export async function inferred(): Promise<void> {
  const { runId, status } = await trainer.fit({
    project: 'mnist',
    config: { lr: 1e-3, layers: [64] },
    maxEpochs: 5,
    logEveryNSteps: 10,
    preset: 'lightning',
    limitValBatches: 0.5,
    nanPolicy: 'stop',
  });
  const id: string = runId;
  const ended: 'finished' | 'stopped' | 'interrupted' = status;
  const scores: Float32Array = await trainer.call('classify', new Float32Array(784));
  const count: number = await trainer.call('count', 'train');
  await trainer.call('count', 'test', 5);
  trainer.on('epoch', ({ metrics, epoch }) => void [metrics['val/loss/epoch'], epoch]);
  const promised = exposeTrainer(loadDigits, { calls: { one: (digits) => digits.predict(new Float32Array(1)) } });
  const second = connectTrainer<typeof promised>(worker, { store: false });
  await second.fit({ config: {} });
  const one: Float32Array = await second.call('one');
  await connectTrainer<typeof bare>(new MessageChannel().port1).fit({ config: { lr: 1 } });
  void [id, ended, scores, count, one];
}

export async function wrong(): Promise<void> {
  // @ts-expect-error -- lr is a number
  await trainer.fit({ config: { lr: '1e-3' } });
  // @ts-expect-error -- lr is missing
  await trainer.fit({ config: {} });
  // @ts-expect-error -- the config is missing
  await trainer.fit({ project: 'mnist' });
  // @ts-expect-error -- no such setting
  await trainer.fit({ config: { lr: 1, learningRate: 1 } });
  // @ts-expect-error -- a number of steps
  await trainer.fit({ config: { lr: 1 }, logEveryNSteps: '10' });
  // @ts-expect-error -- the only preset is lightning
  await trainer.fit({ config: { lr: 1 }, preset: 'keras' });
  // @ts-expect-error -- loggers cannot be sent: they are given to connectTrainer or exposeTrainer
  await trainer.fit({ config: { lr: 1 }, loggers: [] });
  // @ts-expect-error -- a logger has both required verbs
  connectTrainer<typeof api>(worker, { loggers: [{ logMetrics: () => {} }] });
  // @ts-expect-error -- loggers of the worker are made for each training
  exposeTrainer((config: DigitsConfig) => makeDigits(config), { loggers: [] });
  // @ts-expect-error -- no such call
  await trainer.call('clasify', new Float32Array(784));
  // @ts-expect-error -- the images are missing
  await trainer.call('classify');
  // @ts-expect-error -- a plain array is not a Float32Array
  await trainer.call('classify', [1, 2, 3]);
  // @ts-expect-error -- the model is not the page's to give
  await trainer.call('classify', makeDigits({ lr: 1 }), new Float32Array(784));
  // @ts-expect-error -- not one of the two kinds
  await trainer.call('count', 'validation');
  // @ts-expect-error -- the result is an array
  const text: string = await trainer.call('classify', new Float32Array(784));
  // @ts-expect-error -- no such event
  trainer.on('epochs', () => {});
  // @ts-expect-error -- a step has no field of this name
  trainer.on('step', ({ loss }) => loss);
  // @ts-expect-error -- settings are numbers
  await trainer.set({ lr: 'fast' });
  // @ts-expect-error -- what is made must be trainable
  exposeTrainer((config: { lr: number }) => ({ config }));
  // @ts-expect-error -- a function cannot be a config: it is stored
  exposeTrainer((config: { onStep: () => void }) => makeDigits({ lr: config.onStep.length }));
  // @ts-expect-error -- the first parameter of a call is the model
  exposeTrainer(makeDigits, { calls: { classify: (digits: string) => digits } });
  // @ts-expect-error -- this one has no calls
  await connectTrainer<typeof bare>(worker).call('classify', new Float32Array(784));
  // @ts-expect-error -- an api, not a worker
  connectTrainer<Worker>(worker);
  void text;
}
