import { type BarLineOptions, barLine } from '../core/bar-text.ts';
import { describe, LogError } from '../core/errors.ts';
import { hasEnded, loopOf, type ProgressSource } from '../core/progress-source.ts';
import type { TrainProgress } from '../core/train-events.ts';
import { createWarner } from '../core/warnings.ts';

/** How {@link consoleProgressBar} prints. */
export interface ConsoleProgressOptions extends Omit<BarLineOptions, 'warn'> {
  /**
   * Takes each line. `stays` is true for the last line of a loop that is to be kept; any other is replaced by the next one where lines
   * can be: ``(line, stays) => process.stdout.write(`\r${line}${stays ? '\n' : ''}`)``. Default: `console.log`.
   */
  readonly print?: (line: string, stays: boolean) => void;
  /** Print again after so many further batches; 0 prints nothing. Default 1. */
  readonly refreshRate?: number;
  /** Seconds between two lines; last lines always come. Default 0 with a `print` of your own (there are ten a second at most), else 1. */
  readonly everySeconds?: number;
  /** Keep one line per epoch and per evaluation, not only the very last one. Default false. */
  readonly leave?: boolean;
}

/**
 * Prints the progress of a training as tqdm does, in a page, a worker or Node. Gives back its undo.
 *
 * ```ts
 * consoleProgressBar(trainer, { hide: ['v_num'], leave: true });
 * ```
 */
export function consoleProgressBar(trainer: ProgressSource, options: ConsoleProgressOptions = {}): () => void {
  const { refreshRate = 1, leave = false, everySeconds = options.print === undefined ? 1 : 0 } = options;
  if (!Number.isInteger(refreshRate) || refreshRate < 0) {
    throw new LogError(
      'bad-options',
      `consoleProgressBar({ refreshRate: ${describe(refreshRate)} }): need a whole number of batches, 0 or more.`,
    );
  }
  if (refreshRate === 0) return () => {};
  // oxlint-disable-next-line no-console -- printing is what this one is for
  const print = options.print ?? ((line: string): void => console.log(line));
  const lineOptions = { ...options, warn: createWarner() };
  let lastLine: string | undefined;
  let lastAt = -Infinity;
  let lastTick = NaN;
  let loop: string | undefined;
  /** The newest of the training and of an evaluation, whose last lines have not been printed yet. */
  let training: TrainProgress | undefined;
  let evaluation: TrainProgress | undefined;

  const show = (progress: TrainProgress, stays: boolean): void => {
    const line = barLine(progress, lineOptions);
    if (line === '' || (line === lastLine && !stays)) return;
    lastLine = line;
    lastAt = performance.now();
    print(line, stays);
  };
  const close = (progress: TrainProgress | undefined, stays: boolean): void => {
    if (progress !== undefined && stays) show(progress, true);
  };

  return trainer.on('progress', (progress) => {
    const { bar } = progress;
    if (bar === undefined) return;
    const ended = hasEnded(progress);
    if (evaluation !== undefined && loopOf(evaluation) !== loopOf(progress)) {
      close(evaluation, leave);
      evaluation = undefined;
    }
    if (training !== undefined && training.epoch !== progress.epoch) {
      close(training, leave);
      training = undefined;
    }
    if (bar.stage === 'train') training = progress;
    else evaluation = progress;
    if (ended) {
      close(bar.stage === 'train' ? training : evaluation, true);
      training = evaluation = loop = undefined;
      return;
    }
    const tick = Math.floor(bar.batch / refreshRate);
    const isOver = bar.batch === bar.totalBatches;
    const isNew = loop !== loopOf(progress);
    loop = loopOf(progress);
    if (!isNew && !isOver && (tick === lastTick || performance.now() - lastAt < everySeconds * 1000)) return;
    lastTick = tick;
    show(progress, false);
  });
}
