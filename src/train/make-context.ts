import type { Hook } from '../core/hook-rules.ts';
import { type RecordVerbs, recordVerbs } from '../core/record-verbs.ts';
import type { HookContext } from './contexts.ts';
import { type LoopState, logIn } from './loop-state.ts';

/** What the contexts of all hooks of a loop share. Made once per loop: a step makes no context. */
export function makeBaseContext(state: LoopState): HookContext {
  const { run, control } = state;
  const own: Omit<HookContext, keyof RecordVerbs> = {
    run,
    get step() {
      return run.step;
    },
    get epoch() {
      return run.epoch;
    },
    get batchIdx() {
      return state.batchIdx;
    },
    get dataloaderIdx() {
      return state.dataloaderIdx;
    },
    get stage() {
      return state.stage;
    },
    get isSanityChecking() {
      return state.stage === 'sanity';
    },
    get isAccumulating() {
      return state.isAccumulating;
    },
    get callbackMetrics() {
      return run.hooks.callbackMetrics;
    },
    get progressBarMetrics() {
      return run.hooks.progressBarMetrics;
    },
    get loggedMetrics() {
      return run.hooks.loggedMetrics;
    },
    child: (name) => run.child(name),
    stop: (reason) => control.stop(reason),
  };
  for (const verb of recordVerbs) {
    // Nothing is written while the sanity check goes on.
    const call = (...args: readonly unknown[]): unknown =>
      verb === 'supports' || state.stage !== 'sanity' ? Reflect.apply(run[verb], run, args) : undefined;
    Object.assign(own, { [verb]: call });
  }
  return own as HookContext; // with the verbs that were just added
}

/** The `log` and `logDict` of one hook. */
export interface HookVerbs {
  log(first: unknown, second?: unknown, third?: unknown): void;
  logDict(values: unknown, options?: unknown): void;
}

/** The context of one hook: what all share, and `log` by the rules of this hook; in hooks that may not log it says so. */
export function makeContext(base: HookContext, state: LoopState, hook: Hook): HookContext & HookVerbs {
  const verbs: HookVerbs = {
    log: (first, second, third) => logIn(state, hook, first, second, third),
    logDict: (values, options) => logIn(state, hook, values, options, undefined),
  };
  // The getters of the base see the loop, not the object, so they may be inherited.
  return Object.assign(Object.create(base) as HookContext, verbs); // created with that prototype
}
