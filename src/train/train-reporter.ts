import type { LoopStage, Metrics } from '../core/logger.ts';
import type { BackendChoice, TrainPhase } from '../core/train-events.ts';
import type { FitSession } from '../core/trainable.ts';
import { type BarLoop, BarMeter } from './bar-progress.ts';
import { ProgressMeter } from './progress-meter.ts';

/** Milliseconds between two `progress` or two `step` events. */
const reportEveryMs = 100;

/** What a module says about itself once it is set up. */
export interface TrainPlan {
  readonly backend?: BackendChoice | undefined;
  readonly stepsPerEpoch?: number | undefined;
}

interface Row {
  readonly metrics: Metrics;
  readonly step: number;
  readonly epoch: number;
}

/** Tells the outside how a training goes: phases at once, progress and newest numbers at most ten times a second. */
export class TrainReporter {
  readonly #session: FitSession;
  readonly #maxEpochs: number;
  readonly #plan: TrainPlan;
  readonly #meter = new ProgressMeter();
  readonly #bar: BarMeter;
  readonly #forgetRows: () => void;
  #phase: TrainPhase | undefined;
  #epoch = 0;
  #completed = 0;
  #row: Row | undefined;
  #previousRow: Row | undefined;
  #progressAt = -Infinity;
  /** No batch was done since the progress was told. */
  #isTold = true;
  #stepAt = -Infinity;

  constructor(session: FitSession, maxEpochs: number, plan: TrainPlan) {
    this.#session = session;
    this.#maxEpochs = maxEpochs;
    this.#plan = plan;
    const { run } = session;
    this.#bar = new BarMeter({ metrics: () => run.hooks.progressBarMetrics, version: () => run.version });
    this.#forgetRows = session.run.onRow((metrics, { step, epoch, rhythm, stage = 'train' }) => {
      // Only numbers of a step: those of epochs and of evaluations are told when they are over.
      if (rhythm === 'epoch' || stage !== 'train') return;
      this.#previousRow = this.#row;
      this.#row = { metrics: { ...metrics }, step, epoch };
      // While paused no turn of the loop comes to tell it.
      if (this.#phase === 'paused') this.#tellRow();
    });
  }

  get phase(): TrainPhase | undefined {
    return this.#phase;
  }

  get stepsPerSecond(): number {
    return this.#meter.stepsPerSecond;
  }

  /** Tells a new phase; the same one again is not told. */
  enter(phase: TrainPhase): void {
    if (this.#phase === phase) return;
    this.#phase = phase;
    if (phase === 'paused') this.#bar.pause();
    else this.#bar.resume();
    this.retell();
    this.#tellProgress();
  }

  /** Tells the phase again, after what else a status says has changed. */
  retell(): void {
    const { run, emit } = this.#session;
    if (this.#phase !== undefined) emit('status', { runId: run.id, phase: this.#phase, backend: this.#plan.backend });
  }

  beginEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Notes how many steps the device has done, and tells what is due. */
  measured(completed: number): void {
    const now = performance.now();
    this.#completed = completed;
    this.#meter.sample(completed, now);
    this.tellIfDue(now);
    if (now - this.#stepAt >= reportEveryMs) this.#tellRow();
  }

  /** Tells how far the loop is, if the last time is long enough ago. */
  tellIfDue(now: number = performance.now()): void {
    if (now - this.#progressAt >= reportEveryMs) this.#tellProgress();
  }

  restartMeasuring(): void {
    this.#meter.restart();
    this.#meter.sample(this.#completed, performance.now());
  }

  /** An epoch of training, or one dataloader of an evaluation, begins. */
  beginLoop(stage: LoopStage, loop: BarLoop): void {
    this.#tellLast();
    this.#bar.begin(stage, loop);
  }

  /** One more batch of the loop is done. */
  batchDone(batch: unknown): void {
    this.#bar.batchDone(samplesIn(batch));
    this.#isTold = false;
  }

  /** An evaluation is over: the training around it goes on. */
  endLoop(): void {
    this.#tellLast();
    this.#bar.end();
  }

  /** Ends the epoch of the run and tells its numbers: those that hooks have logged, and those of `run.log` with `onEpoch`. */
  async endEpoch(logged: Metrics): Promise<void> {
    const { run, emit } = this.#session;
    const folded = await run.endEpoch();
    // The row written last is the epoch's own; the newest numbers of a step are in the one before.
    if (this.#row !== undefined && Object.keys(this.#row.metrics).some((name) => name in folded)) this.#row = this.#previousRow;
    this.#tellRow();
    // Its last batch, with what the epoch has added to the bar.
    this.#tellProgress();
    emit('epoch', { runId: run.id, step: run.step, epoch: this.#epoch, metrics: { ...folded, ...logged } });
  }

  close(): void {
    this.#forgetRows();
  }

  #tellRow(): void {
    const row = this.#row;
    if (row === undefined) return;
    this.#row = undefined;
    this.#previousRow = undefined;
    this.#stepAt = performance.now();
    this.#session.emit('step', { runId: this.#session.run.id, ...row });
  }

  /** The last batch of a loop is told however soon it comes behind the one before. */
  #tellLast(): void {
    if (!this.#isTold) this.#tellProgress();
  }

  #tellProgress(): void {
    const { stepsPerEpoch } = this.#plan;
    this.#isTold = true;
    this.#progressAt = performance.now();
    const totalSteps = stepsPerEpoch === undefined ? undefined : stepsPerEpoch * this.#maxEpochs;
    const rate = this.#meter.stepsPerSecond;
    const bar = this.#bar.read();
    this.#session.emit('progress', {
      phase: this.#phase ?? 'preparing',
      step: this.#completed,
      totalSteps,
      epoch: this.#epoch,
      maxEpochs: this.#maxEpochs,
      stepsPerSecond: rate,
      secondsLeft: totalSteps === undefined || rate === 0 ? undefined : (totalSteps - this.#completed) / rate,
      ...(bar === undefined ? {} : { bar }),
    });
  }
}

/**
 * The first dimension of the first tensor in a batch, or the length of an array of numbers; undefined when there is none near the top.
 * Made for each batch, so it looks no further and makes nothing.
 */
function samplesIn(batch: unknown, depth = 0): number | undefined {
  if (typeof batch !== 'object' || batch === null || depth > 3) return undefined;
  if ('shape' in batch && Array.isArray(batch.shape)) return typeof batch.shape[0] === 'number' ? batch.shape[0] : undefined;
  if (ArrayBuffer.isView(batch)) return 'length' in batch ? Number(batch.length) : undefined;
  if (Array.isArray(batch)) return typeof batch[0] === 'number' ? batch.length : samplesIn(batch[0], depth + 1);
  for (const name in batch) return samplesIn((batch as Readonly<Record<string, unknown>>)[name], depth + 1); // one of its own names
  return undefined;
}
