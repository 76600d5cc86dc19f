// Each line under `@ts-expect-error` must not compile; the type check fails when one does.
import { type Callback, type EpochContext, type StepContext, type TrainHooks, Trainer, TrainModule } from '../../src/index.ts';

const batches = [[1], [2]];

// What must compile.
export class Counting extends TrainModule<number[]> {
  override trainBatches = (): number[][] => batches;
  override async trainingStep([x]: number[]): Promise<string> {
    this.log('loss', x, { onStep: true, onEpoch: true, reduceFx: (values, weights) => values.length + weights.length });
    this.logDict({ a: 1, b: 2 }, { progBar: true, logger: ['csv'], batchSize: 4 });
    this.logText('note', 'hello');
    this.saveHyperparameters({ lr: 0.1 }, { ignore: ['secret'], log: false });
    return 'made';
  }
  override onTrainEpochEnd({ log, stop }: EpochContext): void {
    log('a', 1, { reduceFx: 'max', onStep: false, onEpoch: true });
    stop('enough');
  }
}
export const literal: TrainHooks<number[]> = {
  trainBatches: () => batches,
  trainingStep([x], { log, gradientStep, isAccumulating }) {
    const gradients = { w: { size: 1, data: async () => [x ?? 0] } };
    gradientStep(
      () => gradients,
      ({ w }) => void w.size,
    );
    log({ loss: x, isAccumulating });
  },
  validationLoaders: { clean: () => batches, noisy: async function* () {} },
  validationStep: ([x], { logDict, dataloaderIdx }) => logDict({ x, dataloaderIdx }, { addDataloaderIdx: false }),
};
export const callback: Callback = {
  monitor: 'loss',
  onValidationEnd: ({ run, callbackMetrics }) => run.log('best', callbackMetrics['loss'] ?? NaN),
  onBeforeOptimizerStep: ({ log }, { w }) => log('size', w?.size),
};
export const trainer = new Trainer({ accumulateGradBatches: 2, preset: 'lightning', nanPolicy: 'stop', callbacks: [callback, {}] });
await trainer.fit(literal);
await trainer.fit(new Counting());
await trainer.test(new Counting(), { store: false });

export const silent: Callback = {
  // @ts-expect-error -- nothing can be logged when a fit begins
  onFitStart: ({ log }) => log('a', 1),
  // @ts-expect-error -- nor when a validation is over
  onValidationEnd: ({ logDict }) => logDict({ a: 1 }),
  // @ts-expect-error -- nor while predicting
  onPredictBatchEnd: (context) => context.log('a', 1),
};

export const wrong: TrainHooks<number[]> = {
  trainBatches: () => batches,
  trainingStep(batch, { log, logDict }) {
    // @ts-expect-error -- a batch is an array of numbers
    batch.toUpperCase();
    // @ts-expect-error -- hooks know their step
    log('a', 1, { step: 3 });
    // @ts-expect-error -- not a reduction
    log('a', 1, { reduceFx: 'median' });
    // @ts-expect-error -- a number of samples
    log('a', 1, { batchSize: '4' });
    // @ts-expect-error -- yes or no
    log('a', 1, { onStep: 'yes' });
    // @ts-expect-error -- one of two characters
    log('a', 1, { separator: '-' });
    // @ts-expect-error -- names of loggers
    log('a', 1, { logger: 'csv' });
    // @ts-expect-error -- one attribute cannot hold several metrics
    logDict({ a: 1 }, { metricAttribute: 'a' });
    // @ts-expect-error -- no such option
    log('a', 1, { prog_bar: true });
    // @ts-expect-error -- the name is missing
    log(1);
  },
  onTrainEpochEnd({ log, logDict }) {
    // @ts-expect-error -- an epoch has no step
    log('a', 1, { onStep: true });
    // @ts-expect-error -- and is always folded
    logDict({ a: 1 }, { onEpoch: false });
  },
  onTestEpochStart({ log }) {
    // @ts-expect-error -- an epoch has no step
    log('a', 1, { onStep: true, onEpoch: true });
  },
};

// @ts-expect-error -- a module needs its batches
export const noBatches: TrainHooks = { trainingStep() {} };
// @ts-expect-error -- and its step
export const noStep: TrainHooks = { trainBatches: () => [] };
// @ts-expect-error -- a step needs a class that makes it
export class NoStep extends TrainModule {
  override trainBatches = (): number[] => [];
}
export class WrongHook extends TrainModule<number[]> {
  override trainBatches = (): number[][] => [];
  override trainingStep(): void {}
  // @ts-expect-error -- the context of a step comes first
  override onTrainBatchEnd(outputs: string, _context: StepContext): void {
    void outputs;
  }
}
// @ts-expect-error -- no such hook
export const misspelled: Callback = { onTrainEpochEnds() {} };
// @ts-expect-error -- no such setting
export const noSetting = new Trainer({ log_every_n_steps: 50 });
// @ts-expect-error -- no such policy
export const noPolicy = new Trainer({ nanPolicy: 'ignore' });
// @ts-expect-error -- no such preset
export const noPreset = new Trainer({ preset: 'keras' });
// @ts-expect-error -- callbacks come in a list
export const noList = new Trainer({ callbacks: callback });
