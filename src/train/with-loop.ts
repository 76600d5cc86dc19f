import { makeHookLog } from '../core/hook-results.ts';
import { LogError } from '../core/errors.ts';
import type { LoopStage } from '../core/logger.ts';
import type { FitSession } from '../core/trainable.ts';
import type { LoopParts } from './evaluation-loop.ts';
import { HookCalls } from './hook-calls.ts';
import type { TrainHooks } from './hooks.ts';
import { batchesToMake, finite, type LoopPlan } from './loop-plan.ts';
import { attach, newLoopState } from './loop-state.ts';
import { Pacer } from './pacer.ts';
import { TrainReporter } from './train-reporter.ts';

const inLoop = new WeakSet<object>();

/** Throws `already-training` when a module is in a loop right now. */
export function refuseIfTraining(module: object): void {
  if (!inLoop.has(module)) return;
  throw new LogError('already-training', 'fit(): this model is training right now. Wait for its fit() to end, or stop it first.');
}

/**
 * Puts a loop together, sets the module up, runs the loop, and tears down whatever happens. Rejects with `already-training` when the
 * module is in a loop right now, with `closed-run` before anything is called when the run has finished.
 */
export async function withLoop<Batch, Result extends { readonly status: 'finished' | 'stopped' }>(
  module: TrainHooks<Batch>,
  session: FitSession,
  plan: LoopPlan,
  stage: LoopStage,
  run: (parts: LoopParts<Batch>) => Promise<Result>,
): Promise<Result> {
  refuseIfTraining(module);
  const { control } = session;
  const { settings, isFastDevRun, maxEpochs } = plan;
  const hooks = session.run.attachHooks(makeHookLog);
  hooks.begin({
    gate: settings,
    shouldStop: () => control.shouldStop,
    requestStop: (reason) => control.stop(reason),
    ...(settings.nanPolicy === undefined ? {} : { nanPolicy: settings.nanPolicy }),
  });
  inLoop.add(module);
  const callbacks = session.callbacks ?? [];
  const state = newLoopState(session.run, control, stage);
  const calls = new HookCalls(module, isFastDevRun ? callbacks.filter((callback) => !('monitor' in callback)) : callbacks, state);
  const pacer = new Pacer({ deviceIdle: () => module.deviceIdle?.() });
  const reporter = new TrainReporter(session, maxEpochs, {
    get backend() {
      return module.backend;
    },
    get stepsPerEpoch() {
      return stage === 'train' ? stepsPerEpoch(plan, module.stepsPerEpoch) : undefined;
    },
  });
  attach(module, state, calls.context);
  try {
    reporter.enter('preparing');
    await calls.call('setup');
    reporter.retell();
    const result = await run({ module, session, calls, state, pacer, reporter });
    await calls.call('teardown');
    reporter.enter(result.status);
    return result;
  } catch (thrown) {
    hooks.abort();
    await tellFailure(calls, thrown);
    reporter.enter('failed');
    throw thrown;
  } finally {
    inLoop.delete(module);
    reporter.close();
    pacer.close();
  }
}

/** What goes wrong while a failure is told is not what the user must hear about. */
async function tellFailure<Batch>(calls: HookCalls<Batch>, thrown: unknown): Promise<void> {
  for (const hook of ['onException', 'teardown'] as const) {
    try {
      await calls.call(hook, thrown);
    } catch {
      // The error that came first is the one to tell.
    }
  }
}

/** Optimizer steps of one epoch, as far as they are known. */
function stepsPerEpoch({ limits, accumulateGradBatches }: LoopPlan, batches: number | undefined): number | undefined {
  const isKnown = batches !== undefined || limits.train >= 1 || limits.train === 0;
  const count = isKnown ? finite(batchesToMake(limits.train, batches, 'limitTrainBatches')) : undefined;
  return count === undefined ? undefined : Math.ceil(count / accumulateGradBatches);
}
