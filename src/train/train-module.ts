import { toConfig } from '../core/config.ts';
import { describe, LogError } from '../core/errors.ts';
import type { LoggableCollection } from '../core/loggable-metric.ts';
import type { HookLogOptions, Loggable, OfSeveral } from '../core/log-options.ts';
import { type RecordVerbs, recordVerbs } from '../core/record-verbs.ts';
import type { Config } from '../core/run-info.ts';
import type { FitResult, FitSession, RunWriter, Trainable } from '../core/trainable.ts';
import { createWarner, type Warner } from '../core/warnings.ts';
import type { TrainingStepContext } from './contexts.ts';
import type { Batches, TrainHooks } from './hooks.ts';
import { noteHyperparameters } from './hyperparameters.ts';
import { attachedContext, attachedState, logIn } from './loop-state.ts';
import { trainLoop } from './train-loop.ts';

/** All hooks of a training, for a class to have those it needs, and the verbs for what lies beside numbers; outside of a training `supports` says no. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- hooks are optional, and the static block of the class adds the verbs
export interface TrainModule<Batch = unknown> extends TrainHooks<Batch>, RecordVerbs {}

/**
 * A training as a class, for the page and for workers: the hooks of `TrainHooks`, with `this.log` and the verbs of a run in each. What
 * `this.log` means follows from the hook in which it is called. Outside of a training it warns once and does nothing, so that
 * steps can be called in tests.
 *
 * ```ts
 * class Spiral extends TrainModule<[Tensor, Tensor]> {
 *   trainBatches = () => batches;
 *   trainingStep([x, y]) {
 *     this.log('loss', optimizer.minimize(() => loss(x, y), true), { onEpoch: true, progBar: true });
 *   }
 * }
 * await new Trainer({ maxEpochs: 5 }).fit(new Spiral());
 * ```
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- as above
export abstract class TrainModule<Batch = unknown> implements Trainable, RecordVerbs {
  static {
    for (const verb of recordVerbs) {
      Object.defineProperty(TrainModule.prototype, verb, {
        configurable: true,
        writable: true,
        value(this: TrainModule, ...args: readonly unknown[]): unknown {
          const context = attachedContext(this);
          if (context !== undefined) return Reflect.apply(context[verb], context, args);
          if (verb === 'supports') return false;
          return this.#warnDetached(verb);
        },
      });
    }
  }

  #hparams: Config = {};
  #warn: Warner | undefined;

  abstract trainBatches(epoch: number): Batches<Batch>;
  abstract trainingStep(batch: Batch, context: TrainingStepContext): unknown;

  /** Trains it: for `Trainer` and workers. */
  fit(session: FitSession): Promise<FitResult> {
    return trainLoop(this, session);
  }

  /** The run it is trained with. Throws `wrong-hook` before the first training. */
  get run(): RunWriter {
    const state = attachedState(this);
    if (state === undefined) throw new LogError('wrong-hook', 'this.run: there is no run before a training begins. Use it in hooks.');
    return state.run;
  }

  /** A run within the run, with a record of its own: the same one for the same name. Throws `wrong-hook` before the first training. */
  child(name: string): RunWriter {
    return this.run.child(name);
  }

  /** What `saveHyperparameters` has kept, with and without `log`. */
  get hparams(): Config {
    return this.#hparams;
  }

  /**
   * Keeps hyperparameters: plain data, found again as `this.hparams`, and logged when a fit begins. Throws `bad-options` for what
   * cannot be stored. `ignore`: names to leave out. `log`: false keeps them to the module. Default true.
   */
  saveHyperparameters(
    params: Readonly<Record<string, unknown>>,
    options: { readonly ignore?: string | readonly string[]; readonly log?: boolean } = {},
  ): void {
    const call = 'saveHyperparameters()';
    const { ignore = [], log = true } = options;
    const ignored: readonly unknown[] = Array.isArray(ignore) ? ignore : [ignore];
    if (ignored.some((name) => typeof name !== 'string'))
      throw new LogError('bad-options', `${call}: ignore is ${describe(ignore)}, need a name or a list of names.`);
    // Refuses what is no object, such as the names that Lightning takes.
    const config = toConfig(typeof params === 'object' && params !== null && !Array.isArray(params) ? omit(params, ignored) : params, call);
    this.#hparams = { ...this.#hparams, ...config };
    if (log) noteHyperparameters(this, config);
  }

  /** Logs by the rules of the hook it is called in. Throws `wrong-hook`, `bad-options`, `bad-value`, `bad-tag`, `closed-run`. */
  log(name: string, value: Loggable, options?: HookLogOptions): void;
  log(values: Readonly<Record<string, Loggable>>, options?: OfSeveral<HookLogOptions>): void;
  log(first: string | Readonly<Record<string, unknown>>, second?: unknown, third?: HookLogOptions): void {
    const state = attachedState(this);
    if (state === undefined) this.#warnDetached('log');
    else logIn(state, state.hook, first, second, third);
  }

  /** Logs several values, or a collection of metrics, with the same options. */
  logDict(values: Readonly<Record<string, Loggable>> | LoggableCollection, options?: OfSeveral<HookLogOptions>): void {
    const state = attachedState(this);
    if (state === undefined) this.#warnDetached('logDict');
    else logIn(state, state.hook, values, options, undefined);
  }

  #warnDetached(verb: string): void {
    (this.#warn ??= createWarner())(
      'detached',
      `this.${verb}(): the module is in no training, so nothing is logged. Fit it with a Trainer.`,
    );
  }
}

function omit(params: Readonly<Record<string, unknown>>, ignored: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !ignored.includes(name)));
}
