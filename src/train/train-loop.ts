import type { Metrics } from '../core/logger.ts';
import type { TrainSettings } from '../core/train-control.ts';
import type { FitResult, FitSession } from '../core/trainable.ts';
import { countOfBatches, forEachBatch, refuseNoBatches } from './batches.ts';
import { checkModule } from './check-module.ts';
import { evaluate, loadersOf, type LoopParts } from './evaluation-loop.ts';
import { isPromise } from '../core/is-promise.ts';
import type { Batches, TrainHooks } from './hooks.ts';
import { hyperparametersOf } from './hyperparameters.ts';
import { batchesBetweenValidations, batchesToMake, finite, type LoopPlan, planLoop, unknownLength } from './loop-plan.ts';
import { withLoop } from './with-loop.ts';
import { sayOfTrain } from './words.ts';

/**
 * Trains a module for the epochs of a session. The one loop there is: `Trainer.fit` calls it in the page,
 * `System.fit` in a worker. Rejects with the very error a hook threw; everything logged until then is kept.
 * Rejects with `already-training` when the module is training right now.
 */
export async function trainLoop<Batch>(module: TrainHooks<Batch>, session: FitSession): Promise<FitResult> {
  const plan = planLoop(session.loop ?? {}, session.maxEpochs ?? 1, 'fit');
  return withLoop(module, session, plan, 'train', (parts) => new TrainLoop(parts, plan).run());
}

/** Milliseconds between two values of `train/steps_per_second`; short epochs get one each. */
const rateEveryMs = 1000;

/** One epoch's data, and what is due after which batch. */
interface EpochPlan<Batch> {
  readonly batches: Batches<Batch>;
  /** Batches to make; `Infinity` when unknown. */
  readonly count: number;
  /** Batches between two validations; undefined: one at the end. */
  readonly validateEvery: number | undefined;
  readonly validates: boolean;
}

class TrainLoop<Batch> {
  readonly #parts: LoopParts<Batch>;
  readonly #plan: LoopPlan;
  #step = 0;
  /** Made in this epoch. */
  #batches = 0;
  /** Kernels are compiled. */
  #isWarm = false;
  #rateLoggedAt = 0;
  #epochHasRate = false;
  /** Set once the control lets the next step be made, until it is made. */
  #leave: { readonly wasPaused: boolean } | undefined;
  /** Numbers of the validations of this epoch. */
  #validated: Metrics = {};

  constructor(parts: LoopParts<Batch>, plan: LoopPlan) {
    this.#parts = parts;
    this.#plan = plan;
  }

  async run(): Promise<FitResult> {
    const { module, session, calls, pacer, reporter } = this.#parts;
    const { run } = session;
    checkModule(module, this.#plan, (key, text) => run.hooks.warn(key, text));
    await calls.call('onFitStart');
    this.#logHyperparameters();
    const { graph } = module;
    if (graph !== undefined && run.supports('graph')) run.logGraph(graph);
    let epoch = 0;
    if (await this.#checkSanity()) {
      await calls.call('onTrainStart');
      while (epoch < this.#plan.maxEpochs && (await this.#runEpoch(epoch))) epoch += 1;
      await calls.call('onTrainEnd');
    }
    // What the device still has to do may fail, and belongs to the count.
    await pacer.settle();
    await calls.call('onFitEnd');
    const status = epoch < this.#plan.maxEpochs ? 'stopped' : 'finished';
    reporter.measured(pacer.completed);
    return { status, step: this.#step, epoch };
  }

  /** Those that the run has not been started with: saved in `setup`, or for a run that was there already. */
  #logHyperparameters(): void {
    const { module, session } = this.#parts;
    const known = session.run.info.config;
    const news = Object.entries(hyperparametersOf(module)).filter(([name]) => !Object.hasOwn(known, name));
    if (news.length > 0) session.run.logHyperparams(Object.fromEntries(news));
  }

  /** Resolves to false when it was stopped on the way. */
  async #checkSanity(): Promise<boolean> {
    const { sanitySteps, limits } = this.#plan;
    const { module, calls, state } = this.#parts;
    if (sanitySteps === 0 || limits.validate === 0 || loadersOf(module, 'sanity').length === 0) return true;
    state.stage = 'sanity';
    try {
      await calls.call('onSanityCheckStart');
      const { isComplete } = await evaluate(this.#parts, 'sanity', 0, { limit: limits.validate, atMost: sanitySteps });
      await calls.call('onSanityCheckEnd');
      return isComplete;
    } finally {
      state.stage = 'train';
    }
  }

  /** Resolves to false when it was stopped on the way. */
  async #runEpoch(epoch: number): Promise<boolean> {
    const { module, session, calls, state, reporter } = this.#parts;
    const { run } = session;
    const { hooks } = run;
    reporter.beginEpoch(epoch);
    this.#epochHasRate = false;
    this.#validated = {};
    if (session.control.shouldStop) return false;
    state.stage = 'train';
    hooks.startEpoch('train');
    await calls.call('onTrainEpochStart');
    const plan = this.#planEpoch(epoch, module.trainBatches(epoch));
    reporter.beginLoop('train', { totalBatches: finite(plan.count) });
    let isComplete = await this.#train(epoch, plan);
    if (isComplete) {
      this.#dropUnfinishedSum(plan);
      await this.#measureEpoch();
      if (plan.validates && plan.validateEvery === undefined && this.#batches > 0) isComplete = await this.#validate(epoch);
    }
    // So that callbacks find the numbers of the epoch, and those that watch one find what was logged last, too.
    await hooks.settle();
    await calls.call('onTrainEpochEnd');
    await hooks.settle();
    await calls.callMonitors('onTrainEpochEnd');
    const metrics = await hooks.endEpoch();
    if (isComplete) await reporter.endEpoch({ ...this.#validated, ...metrics });
    return isComplete;
  }

  #planEpoch(epoch: number, batches: Batches<Batch>): EpochPlan<Batch> {
    refuseNoBatches(batches, 'trainBatches');
    const { limits, accumulateGradBatches, checkValEveryNEpoch, valCheckInterval } = this.#plan;
    const total = countOfBatches(batches) ?? this.#parts.module.stepsPerEpoch;
    const count = batchesToMake(limits.train, total, 'limitTrainBatches');
    if (accumulateGradBatches > 1 && count === Infinity) throw unknownLength('accumulateGradBatches', accumulateGradBatches);
    const validates = limits.validate !== 0 && (epoch + 1) % checkValEveryNEpoch === 0;
    return { batches, count, validates, validateEvery: batchesBetweenValidations(valCheckInterval, finite(count)) };
  }

  #train(epoch: number, { batches, count, validateEvery, validates }: EpochPlan<Batch>): Promise<boolean> {
    const { session, calls, state, pacer, reporter } = this.#parts;
    const { control, run } = session;
    const { hooks } = run;
    const { accumulateGradBatches } = this.#plan;
    // A length that only the module says is taken on trust: what it gives beyond is used, too.
    const limit = this.#plan.limits.train === Infinity && countOfBatches(batches) === undefined ? Infinity : count;
    const mayGoOn = (): Promise<boolean> => this.#mayStep();
    this.#batches = 0;
    return forEachBatch(batches, limit, mayGoOn, async (batch, batchIdx) => {
      this.#leave = undefined;
      const settings = control.takeSettings();
      if (settings !== undefined) this.#apply(settings);
      const isLast = batchIdx + 1 === count;
      const isAccumulating = accumulateGradBatches > 1 && (batchIdx + 1) % accumulateGradBatches !== 0 && !isLast;
      state.batchIdx = batchIdx;
      state.isAccumulating = isAccumulating;
      hooks.startBatch({ batch, batchIdx, isLast, isAccumulating });
      const started = calls.call('onTrainBatchStart', batch);
      if (started !== undefined) await started;
      const made = calls.step('trainingStep', batch);
      const outputs = isPromise(made) ? await made : made;
      const ended = calls.call('onTrainBatchEnd', outputs, batch);
      if (ended !== undefined) await ended;
      hooks.endBatch();
      reporter.batchDone(batch);
      this.#batches += 1;
      if (!isAccumulating) {
        this.#step += 1;
        await run.endStep();
      }
      if (!this.#isWarm) await this.#firstStepDone(!isAccumulating);
      else if (pacer.submitted(!isAccumulating)) await this.#turn();
      if (validates && validateEvery !== undefined && (batchIdx + 1) % validateEvery === 0 && !control.shouldStop) {
        await this.#validate(epoch);
      }
    });
  }

  /** Gradients that wait for batches which never came, because the data were not as long as it was said. */
  #dropUnfinishedSum({ count }: EpochPlan<Batch>): void {
    const { session, calls, state } = this.#parts;
    if (!state.isAccumulating) return;
    const { accumulateGradBatches } = this.#plan;
    state.isAccumulating = false;
    calls.dropSum();
    session.run.hooks.warn('accumulated', sayOfTrain('accumulated', { accumulated: accumulateGradBatches, batches: this.#batches, count }));
  }

  async #validate(epoch: number): Promise<boolean> {
    const { isComplete, metrics } = await evaluate(this.#parts, 'validate', epoch, { limit: this.#plan.limits.validate });
    Object.assign(this.#validated, metrics);
    return isComplete;
  }

  /** Waits while paused. False when the loop is to end. */
  async #mayStep(): Promise<boolean> {
    const { session, pacer, reporter } = this.#parts;
    const { control } = session;
    // A leave to step that met the end of an epoch counts for the next one, unless it was paused meanwhile.
    if (this.#leave === undefined || (control.isPaused && !this.#leave.wasPaused)) {
      if (control.isPaused && !control.shouldStop) {
        await pacer.settle();
        reporter.measured(pacer.completed);
        reporter.enter('paused');
      }
      await control.whenReady();
      this.#leave = { wasPaused: control.isPaused };
    }
    if (control.shouldStop) return false;
    if (reporter.phase !== 'preparing' && reporter.phase !== 'training') {
      reporter.restartMeasuring();
      // Paused before the first step, the kernels are still to be compiled.
      reporter.enter(this.#isWarm ? 'training' : 'preparing');
    }
    return true;
  }

  #apply(settings: TrainSettings): void {
    const { module, session, calls } = this.#parts;
    const refused = module.applySettings?.(settings, calls.context) ?? Object.keys(settings);
    if (refused.length === 0) return;
    const text = sayOfTrain('refused-settings', { settings: JSON.stringify(settings), names: refused.join(', ') });
    session.emit('alert', { title: sayOfTrain('refused'), text, level: 'warn' });
  }

  /** Until here kernels were compiled; from here on the device really trains. */
  async #firstStepDone(isStep: boolean): Promise<void> {
    const { pacer, reporter } = this.#parts;
    this.#isWarm = true;
    pacer.submitted(isStep);
    await pacer.settle();
    this.#rateLoggedAt = performance.now();
    reporter.enter('training');
    reporter.measured(pacer.completed);
  }

  async #turn(): Promise<void> {
    const { pacer, reporter } = this.#parts;
    await pacer.turn();
    reporter.measured(pacer.completed);
    if (performance.now() - this.#rateLoggedAt >= rateEveryMs) this.#logRate();
  }

  async #measureEpoch(): Promise<void> {
    const { pacer, reporter } = this.#parts;
    await pacer.settle();
    reporter.measured(pacer.completed);
    if (!this.#epochHasRate) this.#logRate();
  }

  #logRate(): void {
    const { session, reporter } = this.#parts;
    const { run } = session;
    const rate = reporter.stepsPerSecond;
    // The preset logs what Lightning logs, and nothing beside.
    if (rate === 0 || run.step === 0 || this.#plan.settings.preset === 'lightning') return;
    this.#epochHasRate = true;
    this.#rateLoggedAt = performance.now();
    // The step it was measured at is already closed.
    run.log('train/steps_per_second', rate, { step: run.step - 1 });
  }
}
