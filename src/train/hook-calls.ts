import { LogError } from '../core/errors.ts';
import { isPromise } from '../core/is-promise.ts';
import type { Hook } from '../core/hook-rules.ts';
import type { Gradients, HookContext, TrainingStepContext } from './contexts.ts';
import type { TrainHooks } from './hooks.ts';
import type { LoopState } from './loop-state.ts';
import { makeBaseContext, makeContext } from './make-context.ts';

type Act = (context: HookContext, first?: unknown, second?: unknown) => unknown;

interface Plan {
  readonly context: HookContext;
  readonly acts: readonly Act[];
  /** Called by themselves, once the numbers are known: of callbacks that watch one. */
  readonly monitors: readonly Act[];
}

/** Hooks in which callbacks with a `monitor` come last. */
const ends: ReadonlySet<Hook> = new Set<Hook>([
  'onTrainEpochEnd',
  'onValidationEpochEnd',
  'onValidationEnd',
  'onTestEpochEnd',
  'onTestEnd',
]);

/** The names of the steps of a module. */
export type StepName = 'trainingStep' | 'validationStep' | 'testStep' | 'predictStep';

/**
 * Calls the hooks of callbacks and of the module, and notes which one is under way. Who has which hook is looked up when it is first
 * called; from then on a hook that nobody has costs nothing, and a sync one no promise.
 */
export class HookCalls<Batch> {
  readonly #module: TrainHooks<Batch>;
  readonly #callbacks: readonly object[];
  readonly #state: LoopState;
  readonly #base: HookContext;
  readonly #plans = new Map<Hook, Plan>();
  readonly #stepContexts = new Map<StepName, TrainingStepContext>();
  /** Gradients of batches before this one wait to be applied. */
  #isSumming = false;

  constructor(module: TrainHooks<Batch>, callbacks: readonly object[], state: LoopState) {
    this.#module = module;
    this.#callbacks = callbacks;
    this.#state = state;
    this.#base = makeBaseContext(state);
  }

  /** For what is called beside hooks. */
  get context(): HookContext {
    return this.#base;
  }

  /** Calls a hook of all callbacks, then of the module. Undefined when it is done already. */
  call(hook: Hook, first?: unknown, second?: unknown): Promise<void> | undefined {
    const { acts, context } = this.#planOf(hook);
    return acts.length === 0 ? undefined : this.#callAll(acts, hook, context, first, second);
  }

  /** Calls a hook that ends something of those callbacks that watch a number. Undefined when it is done already. */
  callMonitors(hook: Hook): Promise<void> | undefined {
    const { monitors, context } = this.#planOf(hook);
    return monitors.length === 0 ? undefined : this.#callAll(monitors, hook, context, undefined, undefined);
  }

  /** Makes a step of the module; gives what it gave, or a promise of it. */
  step(name: StepName, batch: Batch): unknown {
    const state = this.#state;
    const step = this.#module[name] as ((batch: Batch, context: TrainingStepContext) => unknown) | undefined; // no step takes more than this one
    if (step === undefined) return undefined;
    state.hook = name;
    let made: unknown;
    try {
      made = step.call(this.#module, batch, this.#stepContext(name));
    } catch (thrown) {
      state.hook = undefined;
      throw thrown;
    }
    if (isPromise(made)) return this.#whenMade(made);
    state.hook = undefined;
    return made;
  }

  #stepContext(name: StepName): TrainingStepContext {
    let context = this.#stepContexts.get(name);
    if (context === undefined) {
      const gradientStep: TrainingStepContext['gradientStep'] = (compute, apply) => this.#gradientStep(compute, apply);
      context = Object.assign(makeContext(this.#base, this.#state, name), { gradientStep });
      this.#stepContexts.set(name, context);
    }
    return context;
  }

  #gradientStep<G extends Gradients>(compute: () => G, apply: (gradients: G) => void): void {
    const { isAccumulating, hook } = this.#state;
    if (hook !== 'trainingStep') throw new LogError('wrong-hook', 'gradientStep(): trainingStep is over. Make the step before it ends.');
    if (!this.#isSumming) this.#callNow('onBeforeZeroGrad');
    this.#isSumming = isAccumulating;
    this.#callNow('onBeforeBackward');
    let gradients = compute();
    this.#callNow('onAfterBackward', gradients);
    if (isAccumulating) return;
    this.#callNow('onBeforeOptimizerStep', gradients);
    this.#callNow('clipGradients', gradients, (clipped) => {
      // Clipped tensors of the same names: the types of the engine are the user's affair.
      if (clipped !== undefined && clipped !== null) gradients = clipped as G;
    });
    apply(gradients);
  }

  /** Forgets that gradients were added up: the next step begins a new sum. */
  dropSum(): void {
    this.#isSumming = false;
  }

  /** Calls a hook within a step. */
  #callNow(hook: Hook, first?: unknown, take?: (made: unknown) => void): void {
    const { acts, context } = this.#planOf(hook);
    const state = this.#state;
    const outer = state.hook;
    for (const act of acts) {
      state.hook = hook;
      try {
        const made = act(context, first);
        if (isPromise(made)) {
          made.catch(() => {}); // the error below is the one to tell
          throw new LogError('wrong-hook', `${hook}: it gave a promise, but a gradient step waits for nobody. Make it synchronous.`);
        }
        take?.(made);
      } finally {
        state.hook = outer;
      }
    }
  }

  #callAll(acts: readonly Act[], hook: Hook, context: HookContext, first: unknown, second: unknown): Promise<void> | undefined {
    const state = this.#state;
    const outer = state.hook;
    state.hook = hook;
    let waits = false;
    try {
      for (let i = 0; i < acts.length; i++) {
        const made = acts[i]?.(context, first, second);
        if (!isPromise(made)) continue;
        waits = true;
        return this.#callRest(made, acts.slice(i + 1), outer, context, first, second);
      }
      return undefined;
    } finally {
      if (!waits) state.hook = outer;
    }
  }

  async #callRest(
    made: Promise<unknown>,
    acts: readonly Act[],
    outer: Hook | undefined,
    context: HookContext,
    first: unknown,
    second: unknown,
  ): Promise<void> {
    try {
      await made;
      for (const act of acts) await act(context, first, second);
    } finally {
      this.#state.hook = outer;
    }
  }

  async #whenMade(made: Promise<unknown>): Promise<unknown> {
    try {
      return await made;
    } finally {
      this.#state.hook = undefined;
    }
  }

  #planOf(hook: Hook): Plan {
    let plan = this.#plans.get(hook);
    if (plan === undefined) this.#plans.set(hook, (plan = this.#makePlan(hook)));
    return plan;
  }

  #makePlan(hook: Hook): Plan {
    const acts: Act[] = [];
    const monitors: Act[] = [];
    for (const callback of this.#callbacks) {
      const act = actOf(callback, hook);
      if (act === undefined) continue;
      const isMonitor = ends.has(hook) && 'monitor' in callback && callback.monitor !== undefined;
      (isMonitor ? monitors : acts).push(act);
    }
    const own = actOf(this.#module, hook);
    if (own !== undefined) acts.push(own);
    return { context: makeContext(this.#base, this.#state, hook), acts, monitors };
  }
}

function actOf(target: object, hook: Hook): Act | undefined {
  const act = (target as { readonly [Name in Hook]?: unknown })[hook]; // whatever stands under the hook's name
  return typeof act === 'function' ? (act.bind(target) as Act) : undefined; // `Hooks` gives its parameters
}
