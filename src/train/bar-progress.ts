import type { LoopStage } from '../core/logger.ts';
import type { BarProgress } from '../core/train-events.ts';

/** Where a bar's values come from; looked at only when a bar is asked for. */
export interface BarSources {
  /** What was logged with `progBar: true`: `HookLog.progressBarMetrics`. */
  readonly metrics: () => BarProgress['metrics'];
  /** See `barVersion`. */
  readonly version: () => number | string | undefined;
  /** Milliseconds, monotonic. Default `performance.now`. */
  readonly now?: () => number;
}

/** A loop over batches as it begins. */
export interface BarLoop {
  /** Undefined when the data do not say their length. */
  readonly totalBatches: number | undefined;
  readonly dataloaderIdx?: number | undefined;
  readonly dataloaderName?: string | undefined;
}

interface Loop extends BarLoop {
  readonly stage: LoopStage;
  startedAt: number;
  batch: number;
  samples: number;
  /** Of the last time the rate was taken. */
  lastAt: number;
  lastBatch: number;
  /** Exponential averages of batches and of the milliseconds they took. */
  batches: number;
  milliseconds: number;
}

/** How much the newest part of an evaluation counts in its rate. tqdm's `smoothing`. */
const smoothing = 0.3;

/**
 * Keeps what a progress bar shows: the loop that is going through batches and the one that waits for it. A batch costs two additions;
 * everything else is computed when somebody asks.
 */
export class BarMeter {
  readonly #sources: BarSources;
  readonly #now: () => number;
  #loop: Loop | undefined;
  #outer: Loop | undefined;
  #pausedAt: number | undefined;

  constructor(sources: BarSources) {
    this.#sources = sources;
    this.#now = sources.now ?? ((): number => performance.now());
  }

  /** An epoch of training, or one dataloader of an evaluation, begins. An evaluation within an epoch keeps the training around it. */
  begin(stage: LoopStage, { totalBatches, dataloaderIdx, dataloaderName }: BarLoop): void {
    const startedAt = this.#now();
    if (stage === 'train') this.#outer = undefined;
    else if (this.#loop?.stage === 'train') this.#outer = this.#loop;
    this.#loop = {
      stage,
      totalBatches,
      dataloaderIdx,
      dataloaderName,
      startedAt,
      batch: 0,
      samples: 0,
      lastAt: startedAt,
      lastBatch: 0,
      batches: 0,
      milliseconds: 0,
    };
  }

  /** One more batch is done. `samples` in it; leave it out when unknown. */
  batchDone(samples: number = NaN): void {
    if (this.#loop === undefined) return;
    this.#loop.batch += 1;
    this.#loop.samples += samples;
  }

  /** An evaluation is over: the training around it goes on. */
  end(): void {
    if (this.#outer === undefined) return;
    this.#loop = this.#outer;
    this.#outer = undefined;
  }

  /** Time from here on does not count, until {@link resume}. */
  pause(): void {
    this.#pausedAt ??= this.#now();
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    const pause = this.#now() - this.#pausedAt;
    this.#pausedAt = undefined;
    for (const loop of [this.#loop, this.#outer]) {
      if (loop === undefined) continue;
      loop.startedAt += pause;
      loop.lastAt += pause;
    }
  }

  /** What a bar shows now; undefined before the first loop. */
  read(): BarProgress | undefined {
    const loop = this.#loop;
    if (loop === undefined) return undefined;
    const now = this.#pausedAt ?? this.#now();
    const { stage, batch, totalBatches, dataloaderIdx, dataloaderName } = loop;
    const elapsedMs = now - loop.startedAt;
    const itPerSec = stage === 'train' || stage === 'predict' ? perSecond(batch, elapsedMs) : smoothRate(loop, now);
    const isOver = totalBatches !== undefined && batch >= totalBatches;
    const outer = this.#outer;
    return {
      stage,
      batch,
      totalBatches,
      ...(dataloaderIdx === undefined ? {} : { dataloaderIdx }),
      ...(dataloaderName === undefined ? {} : { dataloaderName }),
      elapsedMs,
      remainingMs: isOver ? 0 : totalBatches === undefined || itPerSec === 0 ? undefined : ((totalBatches - batch) / itPerSec) * 1000,
      itPerSec,
      samplesPerSec: batch === 0 || Number.isNaN(loop.samples) ? undefined : perSecond(loop.samples, elapsedMs),
      metrics: { ...this.#sources.metrics() },
      version: this.#sources.version(),
      ...(outer === undefined ? {} : { outer: { batch: outer.batch, totalBatches: outer.totalBatches } }),
    };
  }
}

function perSecond(count: number, milliseconds: number): number {
  return milliseconds > 0 ? (count / milliseconds) * 1000 : 0;
}

function smoothRate(loop: Loop, now: number): number {
  const made = loop.batch - loop.lastBatch;
  const took = now - loop.lastAt;
  if (made > 0 && took > 0) {
    loop.batches += smoothing * (made - loop.batches);
    loop.milliseconds += smoothing * (took - loop.milliseconds);
    loop.lastBatch = loop.batch;
    loop.lastAt = now;
  }
  // Both averages began at 0 at the same time, so what they lack at first cancels.
  return perSecond(loop.batches, loop.milliseconds);
}
