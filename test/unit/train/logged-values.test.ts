import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/core/engine.ts';
import { LogError } from '../../../src/core/errors.ts';
import type { LoggableMetric } from '../../../src/core/loggable-metric.ts';
import { startRun, type StartRunOptions } from '../../../src/run/start-run.ts';
import type { StepContext } from '../../../src/train/contexts.ts';
import type { Callback, TrainHooks } from '../../../src/train/hooks.ts';
import { Trainer, type TrainerOptions } from '../../../src/train/trainer.ts';
import { rowLogger, type RowLogger } from '../tfjs/row-logger.ts';

interface Gpu {
  readonly gpu: number;
}
const gpu = (value: number): Gpu => ({ gpu: value });

/** Values lie on a device that answers in a later turn. */
const slowEngine = (): Engine<Gpu> => ({
  name: 'slow',
  owns: (value): value is Gpu => typeof value === 'object' && value !== null && 'gpu' in value,
  retain: ({ gpu: value }) => ({ gpu: value }),
  read: (values) => new Promise((resolve) => setTimeout(() => resolve(Float64Array.from(values, ({ gpu: value }) => value)), 1)),
  release() {},
});

interface Outcome {
  readonly log: RowLogger;
  readonly errors: LogError[];
  readonly warnings: string[];
  readonly status: string;
}

/** Trains on the batches 0 … n-1. */
async function fit(
  step: (context: StepContext, batchIdx: number) => void,
  options: TrainerOptions = {},
  { batches = 4, hooks = {}, run = {} }: { batches?: number; hooks?: Partial<TrainHooks<number[]>>; run?: StartRunOptions } = {},
): Promise<Outcome> {
  const log = rowLogger();
  const errors: LogError[] = [];
  const warnings: string[] = [];
  const module: TrainHooks<number[]> = {
    engine: slowEngine(),
    trainBatches: () => Array.from({ length: batches }, (_, i) => [i]),
    trainingStep: ([i = 0], context) => step(context, i),
    ...hooks,
  };
  const told = { onError: (error: LogError) => errors.push(error), onWarning: ({ text }: { text: string }) => warnings.push(text) };
  const { status } = await new Trainer(options)
    .fit(module, { store: false, loggers: [log], ...told, ...run })
    .catch((thrown: unknown) => ({ status: String(thrown) }));
  return { log, errors, warnings, status };
}

/** A metric object that has only been updated. */
const metricOf = (compute: () => unknown, reset: () => void = () => {}): LoggableMetric => ({
  isMetric: true,
  batchValue: undefined,
  compute: () => Promise.resolve(compute()),
  reset,
});

describe('a closed gate', () => {
  test('leaves no old value of the GPU to a row that a stop has opened', async () => {
    const { log } = await fit(
      (context, i) => {
        context.log('gpu', gpu(i));
        context.log('num', i);
        if (i === 2) context.stop();
      },
      { preset: 'lightning', logEveryNSteps: 2 },
    );
    expect(log.rows.map(({ metrics, at }) => [at.step, metrics])).toEqual([
      [1, { gpu: 1, num: 1 }],
      [2, { num: 2 }],
    ]);
  });

  test('keeps numbers and GPU scalars alike out of later rows', async () => {
    const { log } = await fit(
      (context, i) => {
        if (i !== 1) return;
        context.log('num', 1);
        context.log('gpu', gpu(1));
      },
      { logEveryNSteps: 4, logFirstStep: false },
    );
    expect([log.steps('num'), log.steps('gpu')]).toEqual([[], []]);
  });
});

describe('a gate that never opens in an epoch', () => {
  test('is named once', async () => {
    const { log, warnings } = await fit((context) => context.log('loss', 1), { preset: 'lightning', maxEpochs: 2 });
    expect(log.values('loss')).toEqual([]);
    expect(warnings).toEqual([
      'logEveryNSteps is 50 and an epoch has 4 steps, so most epochs have none that is logged. Make it smaller, or leave out the preset.',
    ]);
  });

  test('is no news where no step is to be logged', async () => {
    const { warnings } = await fit((context) => context.log('loss', 1), { preset: 'lightning', logEveryNSteps: 0 });
    expect(warnings).toEqual([]);
  });
});

describe('what a step has logged before it threw', () => {
  test('is written, though its gate was closed', async () => {
    const { log, status } = await fit(
      (context, i) => {
        context.log('loss', i === 2 ? NaN : 1);
        if (i === 2) throw new Error('diverged');
      },
      { logEveryNSteps: 2, logFirstStep: false },
    );
    expect(status).toBe('Error: diverged');
    expect([log.steps('loss'), log.values('loss')]).toEqual([
      [1, 2],
      [1, NaN],
    ]);
    expect(log.status).toBe('failed');
  });
});

describe('what callbacks see', () => {
  test('is nothing of a value that is still on the GPU', async () => {
    const seen: unknown[] = [];
    const first: Callback = {
      onTrainEpochEnd(context) {
        context.log('first', 1);
        context.log('score', gpu(1), { progBar: true });
      },
    };
    const second: Callback = {
      onTrainEpochEnd: ({ callbackMetrics, progressBarMetrics }) => void seen.push(callbackMetrics['score'], progressBarMetrics['score']),
    };
    await fit(() => {}, { callbacks: [first, second] });
    expect(seen).toEqual([undefined, undefined]);
  });

  test('is nothing of what a failed fit has left in the queue', async () => {
    const run = await startRun({ store: false, engine: slowEngine(), onWarning() {}, readEveryMs: 0 });
    const failing: TrainHooks<number[]> = {
      trainBatches: () => [[0]],
      trainingStep: (_, context) => context.log('old', gpu(5)),
      onTrainBatchEnd() {
        throw new Error('no more');
      },
    };
    await expect(new Trainer().fit(failing, { run })).rejects.toThrow('no more');
    const seen: object[] = [];
    await new Trainer().fit(
      {
        trainBatches: () => [[0], [1]],
        async trainingStep(_: number[], { callbackMetrics }) {
          await run.flush();
          seen.push({ ...callbackMetrics });
        },
      },
      { run },
    );
    await run.finish();
    expect(seen).toEqual([{}, {}]);
  });
});

describe('a metric object', () => {
  test('is computed once an epoch, and told of once when it gives no number', async () => {
    let computed = 0;
    const good = metricOf(() => ++computed);
    const bad = metricOf(() => ({ a: 1 }));
    const { log, errors } = await fit(
      (context) => {
        context.log('good', good, { onStep: false, onEpoch: true });
        context.log('bad', bad, { onStep: false, onEpoch: true });
      },
      { maxEpochs: 2 },
    );
    expect(log.values('good')).toEqual([1, 2]);
    expect(errors.map(({ message }) => message)).toEqual([
      "log('bad') in trainingStep: the metric gave an object (Object), need one number. Take them with await metric.compute() in a hook of the epoch, and log each under a name of its own.",
    ]);
  });

  test('that has only been updated is named when it is logged for the step', async () => {
    const mae = metricOf(() => 1);
    const { log, warnings } = await fit((context) => context.log('mae', mae));
    expect(log.values('mae')).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('the metric was only updated, so it has no value for the step')]);
  });

  test('that counts on a device is not read for the bar alone', async () => {
    const asked: string[] = [];
    const metric = (name: string, device?: object): LoggableMetric => ({
      ...metricOf(() => 1),
      ...(device === undefined ? {} : { device }),
      batchValue: () => {
        asked.push(name);
        return Promise.resolve(1);
      },
    });
    const here = metric('here');
    const there = metric('there', {});
    await fit(
      (context) => {
        context.log('here', here, { progBar: true });
        context.log('there', there, { progBar: true });
      },
      { logEveryNSteps: 4, logFirstStep: false },
    );
    expect(asked.filter((name) => name === 'here')).toHaveLength(4);
    expect(asked.filter((name) => name === 'there')).toHaveLength(1);
  });

  test('obeys the policy for what is not finite', async () => {
    const metric = metricOf(() => NaN);
    const step = (context: StepContext): void => context.log('m', metric, { onStep: false, onEpoch: true });
    const stopped = await fit(step, { maxEpochs: 3, nanPolicy: 'stop' });
    expect([stopped.status, stopped.log.values('m')]).toEqual(['stopped', [NaN]]);
    const skipped = await fit(step, { nanPolicy: 'skip' });
    expect(skipped.log.values('m')).toEqual([]);
    expect(skipped.warnings).toEqual([expect.stringContaining("log('m') in trainingStep: the value is NaN. It is left out")]);
  });

  test('that shares its name with another is named', async () => {
    const a = metricOf(() => 1);
    const b = metricOf(() => 2);
    const { warnings } = await fit((context, i) => context.log('m', i % 2 === 0 ? a : b, { onStep: false, onEpoch: true }));
    expect(warnings).toEqual([expect.stringContaining('two metric objects are logged under this name')]);
  });
});

describe('a reduction of the caller', () => {
  test('may be written in the call', async () => {
    const { log } = await fit((context, i) =>
      context.log('last', i, { onStep: false, onEpoch: true, reduceFx: (values) => values.at(-1) ?? NaN }),
    );
    expect(log.values('last')).toEqual([3]);
  });
});

describe('a call that makes no sense', () => {
  test.each<[string, unknown, string]>([
    ['a Python name', { on_epoch: true }, "log('x') in trainingStep: there is no option 'on_epoch'. Did you mean 'onEpoch'?"],
    ['an unknown name', { often: true }, "there is no option 'often'. There are: onStep, onEpoch, progBar"],
    ['a text for a flag', { onStep: 'no' }, 'onStep is the string "no", need true or false.'],
    ['another separator', { separator: '-' }, "separator is the string \"-\", need '_' or '/'."],
  ])('is refused for %s', async (_, options, message) => {
    const { status } = await fit((context) => context.log('x', 1, options as object));
    expect(status).toContain(message);
  });

  test.each<[string, unknown, string]>([
    ['a promise', Promise.resolve({ a: 1 }), 'need a plain object such as { loss: 0.3 }, or a MetricCollection; await it first.'],
    ['a map', new Map([['a', 1]]), 'need a plain object such as { loss: 0.3 }, or a MetricCollection.'],
    ['an array', [1, 2], 'need a plain object such as { loss: 0.3 }, or a MetricCollection.'],
  ])('is refused for %s of values', async (_, values, message) => {
    const { status } = await fit((context) => context.logDict(values as never));
    expect(status).toContain(message);
  });

  test('that forgets to await says so', async () => {
    const { status } = await fit((context) => context.log('acc', Promise.resolve(1) as never));
    expect(status).toContain('Await it first; of a metric, log the object itself.');
  });

  test('is warned about when the name has an ending that names get by themselves', async () => {
    const { warnings } = await fit((context) => context.log('acc_step', 1, { onEpoch: true, batchSize: 1 }));
    expect(warnings).toEqual([expect.stringContaining("names get '_step' and '_epoch' by themselves")]);
  });

  test('is refused in a run that has finished', async () => {
    const run = await startRun({ store: false });
    await run.finish();
    const module: TrainHooks<number[]> = { trainBatches: () => [[1]], trainingStep() {} };
    await expect(new Trainer().fit(module, { run })).rejects.toMatchObject({ code: 'closed-run' });
  });
});

test('values of several dataloaders come in the order of the dataloaders', async () => {
  const { log } = await fit(
    () => {},
    {},
    {
      hooks: {
        validationLoaders: { a: () => [[0]], b: () => [[1]] },
        validationStep: (_, context) => context.log('loss', 1, { batchSize: 1 }),
      },
    },
  );
  expect(log.rows.map(({ metrics }) => Object.keys(metrics))).toContainEqual(['loss/a', 'loss/b']);
});

test('what the run itself logs comes before rows of hooks that are logged after it', async () => {
  const { log } = await fit((context, i) => {
    context.run.log('own', i);
    context.log('loss', i);
  });
  const rows = log.rows.filter(({ metrics }) => 'own' in metrics || 'loss' in metrics);
  expect(rows.map(({ metrics }) => Object.keys(metrics)[0])).toEqual(['own', 'loss', 'own', 'loss', 'own', 'loss', 'own', 'loss']);
  const times = rows.map(({ at }) => at.wallTime);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
