import { LogError } from '../core/errors.ts';
import type { Metrics } from '../core/logger.ts';
import type { FitResult, FitSession } from '../core/trainable.ts';
import { evaluate, loadersOf, stepOf } from './evaluation-loop.ts';
import type { TrainHooks } from './hooks.ts';
import { planLoop } from './loop-plan.ts';
import { withLoop } from './with-loop.ts';

/** How an evaluation ended. */
export interface EvaluationResult {
  readonly status: FitResult['status'];
  /** Numbers of the whole evaluation by tag. */
  readonly metrics: Metrics;
}

/**
 * Validates, tests or predicts by itself, with the hooks of that stage. Rejects with what a hook threw, `bad-options` when the module
 * has no data or no step for it, `already-training` when it is in a loop right now. `take` gets what each step gave.
 */
export async function evaluateModule<Batch>(
  module: TrainHooks<Batch>,
  session: FitSession,
  stage: 'validate' | 'test' | 'predict',
  take?: (outputs: unknown) => void,
): Promise<EvaluationResult> {
  const plan = planLoop(session.loop ?? {}, session.maxEpochs ?? 1, stage);
  const step = stepOf(stage);
  if (module[step] === undefined || loadersOf(module, stage).length === 0) {
    const data = stage === 'validate' ? 'validation' : stage;
    throw new LogError(
      'bad-options',
      `trainer.${stage}(): the module has no ${module[step] === undefined ? step : `${data}Batches and no ${data}Loaders`}. Give it one.`,
    );
  }
  return withLoop(module, session, plan, stage, async (parts) => {
    const { isComplete, metrics } = await evaluate(parts, stage, 0, { limit: plan.limits[stage], take });
    await parts.pacer.settle();
    return { status: isComplete ? 'finished' : 'stopped', metrics };
  });
}
