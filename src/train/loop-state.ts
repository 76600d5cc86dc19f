import { LogError } from '../core/errors.ts';
import type { Hook } from '../core/hook-rules.ts';
import type { LoggableCollection } from '../core/loggable-metric.ts';
import type { HookLogOptions } from '../core/log-options.ts';
import type { LoopStage } from '../core/logger.ts';
import type { TrainControl } from '../core/train-control.ts';
import type { RunWriter } from '../core/trainable.ts';
import type { HookContext } from './contexts.ts';

/** Where a loop is: which hook is under way, and at which batch. */
export interface LoopState {
  readonly run: RunWriter;
  readonly control: TrainControl;
  /** Undefined between hooks. */
  hook: Hook | undefined;
  stage: LoopStage;
  batchIdx: number;
  dataloaderIdx: number;
  isAccumulating: boolean;
}

/** A loop before its first hook. */
export function newLoopState(run: RunWriter, control: TrainControl, stage: LoopStage): LoopState {
  return { run, control, hook: undefined, stage, batchIdx: 0, dataloaderIdx: 0, isAccumulating: false };
}

const attached = new WeakMap<object, { readonly state: LoopState; readonly context: HookContext }>();

/** Notes the loop that a module is in, for a `this.log` of its own. It stays after the loop, so that late calls can be told why they fail. */
export function attach(module: object, state: LoopState, context: HookContext): void {
  attached.set(module, { state, context });
}

/** The loop that a module is or was in; undefined when it never was in one. */
export function attachedState(module: object): LoopState | undefined {
  return attached.get(module)?.state;
}

/** The verbs of the loop that a module is or was in. */
export function attachedContext(module: object): HookContext | undefined {
  return attached.get(module)?.context;
}

/** Logs by the rules of a hook: a name and a value, or several at once. Throws `wrong-hook` when that hook is not under way. */
export function logIn(state: LoopState, hook: Hook | undefined, first: unknown, second: unknown, third: unknown): void {
  if (hook === undefined || state.hook !== hook) {
    const call = `log(${typeof first === 'string' ? `'${first}'` : ''})`;
    throw new LogError(
      'wrong-hook',
      hook === undefined
        ? `${call}: no hook of a training is under way. Log in a hook such as trainingStep, or into the run: run.log().`
        : `${call}: ${hook} is over. Log before it ends: await what it waits for, or log into the run: run.log().`,
    );
  }
  const { hooks } = state.run;
  // The overloads of `log` and `logDict` give the types; what else comes is refused there.
  if (typeof first === 'string') hooks.log(hook, first, second, third as HookLogOptions | undefined);
  else hooks.logDict(hook, first as Readonly<Record<string, unknown>> | LoggableCollection, second as HookLogOptions | undefined);
}
