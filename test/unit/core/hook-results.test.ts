import { describe, expect, test } from 'vitest';
import type { HookLogOptions } from '../../../src/core/log-options.ts';
import { makeHookLog } from '../../../src/core/hook-results.ts';
import type { Hook } from '../../../src/core/hook-rules.ts';
import type { Moment } from '../../../src/core/logger.ts';
import type { LogError } from '../../../src/core/errors.ts';
import { startRun } from '../../../src/run/start-run.ts';
import type { Run } from '../../../src/run/run.ts';

interface Row {
  readonly step: number;
  readonly epoch: number | undefined;
  readonly metrics: Readonly<Record<string, number>>;
}

async function start(warnings: string[] = []): Promise<{ run: Run; rows: Row[]; warnings: string[] }> {
  const rows: Row[] = [];
  const logger = {
    name: 'memory',
    logMetrics(metrics: Readonly<Record<string, number>>, at: Moment): void {
      rows.push({ step: at.step, epoch: at.isWithoutEpoch === true ? undefined : at.epoch, metrics: { ...metrics } });
    },
    logHyperparams(): void {},
  };
  const run = await startRun({ store: false, loggers: [logger], onWarning: ({ key }) => warnings.push(key) });
  run.attachHooks(makeHookLog);
  return { run, rows, warnings };
}

function caught(act: () => unknown): LogError {
  try {
    act();
  } catch (thrown) {
    return thrown as LogError;
  }
  throw new Error('nothing was thrown');
}

/** Two numbers that are nearly the same make rows that are compared exactly. */
const rounded = (rows: readonly Row[]): Row[] =>
  rows.map((row) => ({
    ...row,
    metrics: Object.fromEntries(Object.entries(row.metrics).map(([name, value]) => [name, Number(value.toFixed(6))])),
  }));

/** One epoch as a loop makes it: batches of training, a validation, the end. */
async function epoch(
  run: Run,
  sizes: readonly number[],
  train: (i: number) => void,
  validation: readonly (readonly [number, number])[],
): Promise<void> {
  const { hooks } = run;
  hooks.startEpoch('train');
  for (const [batchIdx, size] of sizes.entries()) {
    hooks.startBatch({ batch: new Float32Array(size), batchIdx });
    train(batchIdx);
    hooks.endBatch();
    await run.endStep();
  }
  if (validation.length > 0) {
    hooks.startEpoch('validate');
    for (const [batchIdx, [size, loss]] of validation.entries()) {
      hooks.startBatch({ batch: new Float32Array(size), batchIdx });
      hooks.log('validationStep', 'val_loss', loss);
      hooks.endBatch();
    }
    await hooks.settle();
    await hooks.endEpoch();
  }
  await hooks.settle();
  await hooks.endEpoch();
  await run.endEpoch();
}

describe('what hooks log', () => {
  test('comes as rows in the order and at the steps of PyTorch Lightning', async () => {
    const { run, rows } = await start();
    run.hooks.begin({ gate: { preset: 'lightning', logEveryNSteps: 2 } });
    const losses = [1.0, 0.8, 0.6, 0.4];
    const train = (i: number): void => run.hooks.log('trainingStep', 'train_loss', losses[i], { onStep: true, onEpoch: true });
    const validation = [
      [4, 0.9],
      [2, 0.5],
    ] as const;
    await epoch(run, [4, 4, 4, 2], train, validation);
    expect(run.hooks.callbackMetrics).toMatchObject({ train_loss_step: 0.4 });
    expect(run.hooks.callbackMetrics['train_loss']).toBeCloseTo(0.742857, 6);
    expect(run.hooks.callbackMetrics['train_loss_epoch']).toBeCloseTo(0.742857, 6);
    expect(run.hooks.callbackMetrics['val_loss']).toBeCloseTo(0.766667, 6);
    await epoch(run, [4, 4, 4, 2], train, validation);
    await run.finish();
    expect(rounded(rows)).toEqual([
      { step: 1, epoch: 0, metrics: { train_loss_step: 0.8 } },
      { step: 3, epoch: 0, metrics: { train_loss_step: 0.4 } },
      { step: 3, epoch: 0, metrics: { val_loss: 0.766667 } },
      { step: 3, epoch: 0, metrics: { train_loss_epoch: 0.742857 } },
      { step: 5, epoch: 1, metrics: { train_loss_step: 0.8 } },
      { step: 7, epoch: 1, metrics: { train_loss_step: 0.4 } },
      { step: 7, epoch: 1, metrics: { val_loss: 0.766667 } },
      { step: 7, epoch: 1, metrics: { train_loss_epoch: 0.742857 } },
    ]);
  });

  test('is written for each step by default, and once', async () => {
    const { run, rows } = await start();
    run.hooks.begin();
    await epoch(
      run,
      [4, 4, 4],
      (i) => {
        if (i === 0) run.hooks.log('trainingStep', 'lr', 0.1);
        run.hooks.log('trainingStep', 'loss', i + 1);
      },
      [],
    );
    await run.finish();
    expect(rows).toEqual([
      { step: 0, epoch: 0, metrics: { lr: 0.1, loss: 1 } },
      { step: 1, epoch: 0, metrics: { loss: 2 } },
      { step: 2, epoch: 0, metrics: { loss: 3 } },
    ]);
  });

  test('goes to the loggers that a call names, and to none with logger: false, but always to callbacks', async () => {
    const { run, rows, warnings } = await start();
    run.hooks.begin();
    await epoch(
      run,
      [1],
      () => {
        run.hooks.log('trainingStep', 'a', 1, { logger: ['memory'] });
        run.hooks.log('trainingStep', 'b', 2, { logger: false });
        run.hooks.log('trainingStep', 'c', 3, { logger: ['nobody'] });
      },
      [],
    );
    expect(rows.map(({ metrics }) => metrics)).toEqual([{ a: 1 }]);
    expect(run.hooks.callbackMetrics).toEqual({ a: 1, b: 2, c: 3 });
    expect(warnings).toHaveLength(1);
    await run.finish();
  });

  test('moves its row when a value is named step', async () => {
    const { run, rows } = await start();
    run.hooks.begin();
    await epoch(run, [1], () => run.hooks.logDict('trainingStep', { loss: 0.5, step: 7 }), []);
    await run.finish();
    expect(rows).toEqual([{ step: 7, epoch: undefined, metrics: { loss: 0.5 } }]);
  });

  test('counts evaluations by dataloader, and names their values by it', async () => {
    const { run, rows } = await start();
    const { hooks } = run;
    hooks.begin();
    hooks.startEpoch('validate', [undefined, undefined]);
    for (const dataloaderIdx of [0, 1]) {
      for (const batchIdx of [0, 1]) {
        hooks.startBatch({ batch: [new Float32Array(2)], batchIdx, dataloaderIdx });
        hooks.log('validationStep', 'm', dataloaderIdx * 10 + batchIdx, { onStep: true, onEpoch: true });
        hooks.log('validationStep', 'all', 1, { addDataloaderIdx: false, reduceFx: 'sum' });
        hooks.endBatch();
      }
      await hooks.endDataloader();
    }
    await hooks.settle();
    expect(await hooks.endEpoch()).toEqual({ 'm_epoch/dataloader_idx_0': 0.5, 'm_epoch/dataloader_idx_1': 10.5, all: 4 });
    expect(hooks.callbackMetrics).toMatchObject({ 'm/dataloader_idx_1': 10.5, 'm_epoch/dataloader_idx_1': 10.5 });
    await run.finish();
    expect(rows).toEqual([
      { step: 0, epoch: undefined, metrics: { 'm_step/dataloader_idx_0': 0 } },
      { step: 1, epoch: undefined, metrics: { 'm_step/dataloader_idx_0': 1 } },
      { step: 0, epoch: undefined, metrics: { 'm_step/dataloader_idx_1': 10 } },
      { step: 1, epoch: undefined, metrics: { 'm_step/dataloader_idx_1': 11 } },
      { step: 0, epoch: 0, metrics: { 'm_epoch/dataloader_idx_0': 0.5, 'm_epoch/dataloader_idx_1': 10.5, all: 4 } },
    ]);
  });

  test.each<[string, Hook, unknown, HookLogOptions | undefined, string]>([
    ['both flags are false', 'trainingStep', 1, { onStep: false, onEpoch: false as true }, 'nothing would be recorded'],
    ['the hook may not log', 'predictStep', 1, undefined, 'nothing can be logged in predictStep'],
    ['a step is asked of an epoch hook', 'onTrainEpochEnd', 1, { onStep: true }, '{ onStep: true } is not allowed in onTrainEpochEnd'],
    ['the value is an object', 'trainingStep', { a: 1 }, undefined, 'give each value a name'],
    ['the reduction is unknown', 'trainingStep', 1, { reduceFx: 'median' as 'mean' }, 'reduceFx is the string "median"'],
  ])('is refused when %s', async (_, hook, value, options, message) => {
    const { run } = await start();
    run.hooks.begin();
    run.hooks.startEpoch('train');
    run.hooks.startBatch({ batch: [1], batchIdx: 0 });
    expect(caught(() => run.hooks.log(hook, 'x', value, options)).message).toContain(message);
    await run.finish();
  });

  test('is refused when the same name comes with other options', async () => {
    const { run } = await start();
    run.hooks.begin();
    run.hooks.startEpoch('train');
    run.hooks.startBatch({ batch: [1], batchIdx: 0 });
    run.hooks.log('trainingStep', 'x', 1, { progBar: true });
    expect(caught(() => run.hooks.log('trainingStep', 'x', 2)).message).toBe(
      "log('x') in trainingStep: called with different options before (progBar: true and false). Use the same ones each time, or another name.",
    );
    await run.finish();
  });
});
