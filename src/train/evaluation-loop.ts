import type { Hook } from '../core/hook-rules.ts';
import { isPromise } from '../core/is-promise.ts';
import type { Metrics } from '../core/logger.ts';
import type { FitSession } from '../core/trainable.ts';
import { countOfBatches, type Dataloader, dataloadersOf, forEachBatch, refuseNoBatches } from './batches.ts';
import type { HookCalls, StepName } from './hook-calls.ts';
import type { TrainHooks } from './hooks.ts';
import { batchesToMake, finite } from './loop-plan.ts';
import type { LoopState } from './loop-state.ts';
import type { Pacer } from './pacer.ts';
import type { TrainReporter } from './train-reporter.ts';

/** What a loop is made of. */
export interface LoopParts<Batch> {
  readonly module: TrainHooks<Batch>;
  readonly session: FitSession;
  readonly calls: HookCalls<Batch>;
  readonly state: LoopState;
  readonly pacer: Pacer;
  readonly reporter: TrainReporter;
}

/** A pass over data without updates. */
export type EvaluationStage = 'validate' | 'test' | 'predict' | 'sanity';

export interface Evaluation {
  /** False when it was stopped on the way. */
  readonly isComplete: boolean;
  /** Numbers of the whole evaluation by tag. */
  readonly metrics: Metrics;
}

/** The hooks of an evaluation, in their order. */
interface Names {
  readonly step: StepName;
  readonly start: Hook;
  readonly epochStart: Hook;
  readonly batchStart: Hook;
  readonly batchEnd: Hook;
  readonly epochEnd: Hook;
  readonly end: Hook;
  readonly limit: string;
}

const validation: Names = {
  step: 'validationStep',
  start: 'onValidationStart',
  epochStart: 'onValidationEpochStart',
  batchStart: 'onValidationBatchStart',
  batchEnd: 'onValidationBatchEnd',
  epochEnd: 'onValidationEpochEnd',
  end: 'onValidationEnd',
  limit: 'limitValBatches',
};

const namesOf: Readonly<Record<EvaluationStage, Names>> = {
  sanity: validation,
  validate: validation,
  test: {
    step: 'testStep',
    start: 'onTestStart',
    epochStart: 'onTestEpochStart',
    batchStart: 'onTestBatchStart',
    batchEnd: 'onTestBatchEnd',
    epochEnd: 'onTestEpochEnd',
    end: 'onTestEnd',
    limit: 'limitTestBatches',
  },
  predict: {
    step: 'predictStep',
    start: 'onPredictStart',
    epochStart: 'onPredictEpochStart',
    batchStart: 'onPredictBatchStart',
    batchEnd: 'onPredictBatchEnd',
    epochEnd: 'onPredictEpochEnd',
    end: 'onPredictEnd',
    limit: 'fastDevRun',
  },
};

/** The step that a module makes for each batch of a stage. */
export function stepOf(stage: EvaluationStage): StepName {
  return namesOf[stage].step;
}

/** The sources of data that a module has for a stage. */
export function loadersOf<Batch>(module: TrainHooks<Batch>, stage: EvaluationStage): readonly Dataloader<Batch>[] {
  switch (stage) {
    case 'test':
      return dataloadersOf('test', module.testBatches?.bind(module), module.testLoaders);
    case 'predict':
      return dataloadersOf('predict', module.predictBatches?.bind(module), module.predictLoaders);
    default:
      return dataloadersOf('validation', module.validationBatches?.bind(module), module.validationLoaders);
  }
}

export interface EvaluateOptions {
  /** Batches of each dataloader at most, or a share of them below 1. */
  readonly limit: number;
  /** And of these so many. Default: all. */
  readonly atMost?: number;
  /** Gets what each step gave. */
  readonly take?: ((outputs: unknown) => void) | undefined;
}

/** Goes once through the data of a stage. Makes no hook call at all when there is nothing to go through, or when it is to stop already. */
export async function evaluate<Batch>(
  parts: LoopParts<Batch>,
  stage: EvaluationStage,
  epoch: number,
  { limit, atMost = Infinity, take }: EvaluateOptions,
): Promise<Evaluation> {
  const { calls, state } = parts;
  const { hooks } = parts.session.run;
  const names = namesOf[stage];
  const loaders = loadersOf(parts.module, stage).map(({ name, label, batches: give }) => {
    const batches = give(epoch);
    refuseNoBatches(batches, label);
    const count = Math.min(batchesToMake(limit, countOfBatches(batches), names.limit), atMost);
    return { name, batches, count };
  });
  if (loaders.every(({ count }) => count === 0)) return { isComplete: true, metrics: {} };
  if (parts.session.control.shouldStop) return { isComplete: false, metrics: {} };

  const { stage: outer, batchIdx, dataloaderIdx, isAccumulating } = state;
  state.stage = stage;
  const logs = stage !== 'predict';
  if (logs)
    hooks.startEpoch(
      stage,
      loaders.map(({ name }) => name),
    );
  let isComplete = true;
  let metrics: Metrics = {};
  await calls.call(names.start);
  await calls.call(names.epochStart);
  for (const [index, loader] of loaders.entries()) {
    state.dataloaderIdx = index;
    isComplete = await evaluateOn(parts, names, loader, logs, take);
    if (logs) await hooks.endDataloader();
    if (!isComplete) break;
  }
  if (logs) await hooks.settle();
  await calls.call(names.epochEnd);
  if (logs) await hooks.settle();
  await calls.callMonitors(names.epochEnd);
  if (logs) metrics = await hooks.endEpoch();
  await calls.call(names.end);
  await calls.callMonitors(names.end);
  parts.reporter.endLoop();
  Object.assign(state, { stage: outer, batchIdx, dataloaderIdx, isAccumulating });
  return { isComplete, metrics };
}

interface OneLoader<Batch> {
  readonly name: string | undefined;
  readonly batches: Parameters<typeof forEachBatch<Batch>>[0];
  readonly count: number;
}

function evaluateOn<Batch>(
  { calls, state, pacer, reporter, session }: LoopParts<Batch>,
  names: Names,
  { name, batches, count }: OneLoader<Batch>,
  logs: boolean,
  take: ((outputs: unknown) => void) | undefined,
): Promise<boolean> {
  const { control, run } = session;
  const { dataloaderIdx } = state;
  reporter.beginLoop(state.stage, { totalBatches: finite(count), dataloaderIdx, dataloaderName: name });
  const mayGoOn = (): boolean => !control.shouldStop;
  return forEachBatch(batches, count, mayGoOn, async (batch, batchIdx) => {
    reporter.enter('validating');
    state.batchIdx = batchIdx;
    if (logs) run.hooks.startBatch({ batch, batchIdx, dataloaderIdx, isLast: batchIdx + 1 === count });
    const started = calls.call(names.batchStart, batch);
    if (started !== undefined) await started;
    const made = calls.step(names.step, batch);
    const outputs = isPromise(made) ? await made : made;
    const ended = calls.call(names.batchEnd, outputs, batch);
    if (ended !== undefined) await ended;
    if (logs) run.hooks.endBatch();
    take?.(outputs);
    reporter.batchDone(batch);
    if (!pacer.submitted(false)) return;
    await pacer.turn();
    reporter.tellIfDue();
  });
}
