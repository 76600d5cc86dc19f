// Each line under `@ts-expect-error` must not compile; the type check fails when one does.
import {
  type HookLogOptions,
  type Loggable,
  type LogOptions,
  MeanMetric,
  MetricCollection,
  type Run,
  SumMetric,
  type TrainHooks,
} from '../../src/index.ts';

interface Handle {
  readonly texture: number;
}
declare const run: Run;
declare const handle: Handle;
declare const numbers: readonly number[];
declare const minimized: { readonly size: number; data(): Promise<Float32Array> } | null;
declare const isWanted: boolean;
const mean = new MeanMetric();

// What must compile.
run.log('a', 1);
run.log('a', true, { onStep: isWanted, onEpoch: true });
run.log('a', { size: 1, data: async () => [1] }, { onStep: true, onEpoch: isWanted, step: 3 });
run.log('a', handle);
run.log('a', numbers[0]);
run.log('a', minimized);
run.log('a', mean, { metricAttribute: 'mean' });
run.log({ a: 1, b: handle, c: mean }, { step: 1, onEpoch: true });
run.logDict({ a: 1 }, { onStep: false });
run.logDict(new MetricCollection([mean, new SumMetric()]), { onStep: false, onEpoch: true });
export const value: Loggable = mean;
export const options: LogOptions = { onStep: false, onEpoch: true };

// @ts-expect-error -- a text has no value
run.log('a', '1');
// @ts-expect-error -- which of them?
run.log('a', [1, 2]);
// @ts-expect-error -- which of them?
run.log('a', new Float32Array(2));
// @ts-expect-error -- await it first
run.log('a', Promise.resolve(1));
// @ts-expect-error -- a metric's value comes later: log the metric itself
run.log('a', mean.compute());
// @ts-expect-error -- as does that of a batch
run.log('a', mean(1));
// @ts-expect-error -- objects are not taken apart
run.log({ a: { b: 1 } });
// @ts-expect-error -- a text among numbers
run.logDict({ a: 1, b: 'two' });
// @ts-expect-error -- nothing would be recorded
run.log('a', 1, { onStep: false, onEpoch: false });
// @ts-expect-error -- nothing would be recorded
run.log({ a: 1 }, { onStep: false, onEpoch: false });
// @ts-expect-error -- nothing would be recorded
run.logDict({ a: 1 }, { onStep: false, onEpoch: false, step: 1 });
// @ts-expect-error -- one attribute cannot hold several metrics
run.logDict({ a: 1 }, { metricAttribute: 'a' });
// @ts-expect-error -- nothing would be recorded
export const nothing: HookLogOptions = { onStep: false, onEpoch: false };

export const hooks: TrainHooks<number[]> = {
  trainBatches: () => [[1]],
  trainingStep([x], { log, logDict }) {
    log('a', x, { onStep: isWanted, onEpoch: true });
    // @ts-expect-error -- nothing would be recorded
    log('a', x, { onStep: false, onEpoch: false });
    // @ts-expect-error -- nothing would be recorded
    logDict({ a: 1 }, { onStep: false, onEpoch: false });
    // @ts-expect-error -- await it first
    log('a', mean(1));
    // @ts-expect-error -- await it first
    logDict({ a: mean(1) });
    // @ts-expect-error -- a text has no value
    log('a', 'one');
  },
  onTrainEpochEnd({ log }) {
    log('a', mean);
    // @ts-expect-error -- a text has no value
    log('a', 'one');
  },
};
