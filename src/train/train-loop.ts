import { describe, LogError } from '../core/errors.ts';
import type { TrainSettings } from '../core/train-control.ts';
import type { FitResult, FitSession } from '../core/trainable.ts';
import { Pacer } from './pacer.ts';
import { createContext, type TrainContext, type TrainModule } from './train-module.ts';
import { TrainReporter } from './train-reporter.ts';

const training = new WeakSet<object>();

/**
 * Trains a module for the epochs of a session. The one loop there is: `Trainer.fit` calls it in the page,
 * `System.fit` in a worker. Rejects with the very error a hook threw; everything logged until then is kept.
 * Rejects with `already-training` when the module is training right now.
 */
export async function trainLoop<Batch>(module: TrainModule<Batch>, session: FitSession): Promise<FitResult> {
  const { maxEpochs = 1 } = session;
  if (!Number.isSafeInteger(maxEpochs) || maxEpochs < 1) {
    throw new LogError('bad-options', `fit({ maxEpochs: ${describe(maxEpochs)} }): need a whole number of at least 1.`);
  }
  refuseIfTraining(module);
  training.add(module);
  const loop = new TrainLoop(module, session, maxEpochs);
  try {
    return await loop.run();
  } catch (thrown) {
    loop.fail();
    throw thrown;
  } finally {
    training.delete(module);
    loop.close();
  }
}

/** Throws `already-training` when a module is in a loop right now. */
export function refuseIfTraining(module: object): void {
  if (!training.has(module)) return;
  throw new LogError('already-training', 'fit(): this model is training right now. Wait for its fit() to end, or stop it first.');
}

/** Milliseconds between two values of `train/steps_per_second`; short epochs get one each. */
const rateEveryMs = 1000;

class TrainLoop<Batch> {
  readonly #module: TrainModule<Batch>;
  readonly #session: FitSession;
  readonly #maxEpochs: number;
  readonly #context: TrainContext;
  readonly #pacer: Pacer;
  readonly #reporter: TrainReporter;
  #step = 0;
  #rateLoggedAt = 0;
  #epochHasRate = false;
  /** Set once the control lets the next step be made, until it is made. */
  #leave: { readonly wasPaused: boolean } | undefined;

  constructor(module: TrainModule<Batch>, session: FitSession, maxEpochs: number) {
    this.#module = module;
    this.#session = session;
    this.#maxEpochs = maxEpochs;
    this.#context = createContext(session.run, 'step');
    this.#pacer = new Pacer({ deviceIdle: () => module.deviceIdle?.() });
    this.#reporter = new TrainReporter(session, maxEpochs, module);
  }

  async run(): Promise<FitResult> {
    const reporter = this.#reporter;
    reporter.enter('preparing');
    await this.#module.setup?.(this.#context);
    reporter.retell();
    let epoch = 0;
    while (epoch < this.#maxEpochs && (await this.#runEpoch(epoch))) epoch += 1;
    // What the device still has to do may fail, and belongs to the count.
    await this.#pacer.settle();
    const status = epoch < this.#maxEpochs ? 'stopped' : 'finished';
    reporter.measured(this.#pacer.completed);
    reporter.enter(status);
    return { status, step: this.#step, epoch };
  }

  fail(): void {
    this.#reporter.enter('failed');
  }

  close(): void {
    this.#reporter.close();
    this.#pacer.close();
  }

  /** Resolves to false when it was stopped on the way. */
  async #runEpoch(epoch: number): Promise<boolean> {
    const module = this.#module;
    const reporter = this.#reporter;
    reporter.beginEpoch(epoch);
    this.#epochHasRate = false;
    if (this.#session.control.shouldStop) return false;
    await module.onEpochStart?.(this.#context);
    if (!(await this.#train(module.trainBatches(epoch)))) return false;
    await this.#measureEpoch();
    if (module.validationBatches !== undefined) {
      if (!(await this.#validate(module.validationBatches(epoch)))) return false;
    }
    const metrics = await reporter.endEpoch();
    await module.onEpochEnd?.(metrics, createContext(this.#session.run, 'epoch'));
    return true;
  }

  #train(batches: Batches<Batch>): Promise<boolean> {
    const { control, run } = this.#session;
    const module = this.#module;
    const mayGoOn = (): Promise<boolean> => this.#mayStep();
    return forEachBatch(batches, mayGoOn, async (batch) => {
      this.#leave = undefined;
      const settings = control.takeSettings();
      if (settings !== undefined) this.#apply(settings);
      const made = module.trainingStep(batch, this.#context);
      if (made !== undefined) await made;
      this.#step += 1;
      await run.endStep();
      if (this.#step === 1) await this.#firstStepDone();
      else if (this.#pacer.submitted(true)) await this.#turn();
    });
  }

  #validate(batches: Batches<Batch>): Promise<boolean> {
    const context = createContext(this.#session.run, 'epoch');
    const mayGoOn = (): boolean => !this.#session.control.shouldStop;
    return forEachBatch(batches, mayGoOn, async (batch) => {
      this.#reporter.enter('validating');
      const made = this.#module.validationStep?.(batch, context);
      if (made !== undefined) await made;
      if (this.#pacer.submitted(false)) await this.#pacer.turn();
    });
  }

  /** Waits while paused. False when the loop is to end. */
  async #mayStep(): Promise<boolean> {
    const { control } = this.#session;
    const reporter = this.#reporter;
    // A leave to step that met the end of an epoch counts for the next one, unless it was paused meanwhile.
    if (this.#leave === undefined || (control.isPaused && !this.#leave.wasPaused)) {
      if (control.isPaused && !control.shouldStop) {
        await this.#pacer.settle();
        reporter.measured(this.#pacer.completed);
        reporter.enter('paused');
      }
      await control.whenReady();
      this.#leave = { wasPaused: control.isPaused };
    }
    if (control.shouldStop) return false;
    if (reporter.phase !== 'preparing' && reporter.phase !== 'training') {
      reporter.restartMeasuring();
      // Paused before the first step, the kernels are still to be compiled.
      reporter.enter(this.#step === 0 ? 'preparing' : 'training');
    }
    return true;
  }

  #apply(settings: TrainSettings): void {
    const refused = this.#module.applySettings?.(settings, this.#context) ?? Object.keys(settings);
    if (refused.length === 0) return;
    const text = `set(${JSON.stringify(settings)}): ${refused.join(', ')} was not understood, or has a value that makes no sense; it is as before.`;
    this.#session.emit('alert', { title: 'Setting refused', text, level: 'warn' });
  }

  /** Until here kernels were compiled; from here on the device really trains. */
  async #firstStepDone(): Promise<void> {
    this.#pacer.submitted(true);
    await this.#pacer.settle();
    this.#rateLoggedAt = performance.now();
    this.#reporter.enter('training');
    this.#reporter.measured(this.#pacer.completed);
  }

  async #turn(): Promise<void> {
    await this.#pacer.turn();
    this.#reporter.measured(this.#pacer.completed);
    if (performance.now() - this.#rateLoggedAt >= rateEveryMs) this.#logRate();
  }

  async #measureEpoch(): Promise<void> {
    await this.#pacer.settle();
    this.#reporter.measured(this.#pacer.completed);
    if (!this.#epochHasRate) this.#logRate();
  }

  #logRate(): void {
    const { run } = this.#session;
    const rate = this.#reporter.stepsPerSecond;
    if (rate === 0 || run.step === 0) return;
    this.#epochHasRate = true;
    this.#rateLoggedAt = performance.now();
    // The step it was measured at is already closed.
    run.log('train/steps_per_second', rate, { step: run.step - 1 });
  }
}

type Batches<Batch> = Iterable<Batch> | AsyncIterable<Batch>;

/**
 * Goes through batches. Asks before it takes one: a batch taken is a batch used, for only the step disposes of what it
 * holds. Resolves to false when it may not go on. The iterator is told of every early end.
 */
async function forEachBatch<Batch>(
  batches: Batches<Batch>,
  mayGoOn: () => Promise<boolean> | boolean,
  use: (batch: Batch) => Promise<void>,
): Promise<boolean> {
  const iterator = iteratorOf(batches);
  let isOpen = true;
  try {
    while (await mayGoOn()) {
      // One that throws while it is asked has ended by itself.
      isOpen = false;
      const next = await iterator.next();
      if (next.done === true) return true;
      isOpen = true;
      await use(next.value);
    }
  } catch (thrown) {
    // The first error is the one to tell, as in a for…of loop.
    if (isOpen) await close(iterator).catch(() => {});
    throw thrown;
  }
  await close(iterator);
  return false;
}

async function close(iterator: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}

function iteratorOf<Batch>(batches: Batches<Batch>): Iterator<Batch> | AsyncIterator<Batch> {
  return Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
}
