import { describe, LogError } from '../core/errors.ts';
import type { Run } from '../run/run.ts';
import { FitLog, type FitLogOptions } from './fit-log.ts';
import { type BegunFit, type FitHooks, marked, surround, takePart, watchFits } from './fit-watch.ts';
import { pageEngine } from './page-engine.ts';
import { findTf, handlerNames, type PageCallback, type PageTf } from './page-tf.ts';
import { twoCopies } from './two-copies-error.ts';

/** What `model.fit` hands to the handlers of a page: loss and metrics by the names of Keras. */
export type FitValues = Readonly<Record<string, number>>;

/** A page's own callback: a literal with some of these, or an instance of a callback class such as `tf.callbacks.earlyStopping()`. */
export interface FitHandlers {
  onTrainBegin?(logs?: FitValues): unknown;
  onTrainEnd?(logs?: FitValues): unknown;
  onEpochBegin?(epoch: number, logs?: FitValues): unknown;
  onEpochEnd?(epoch: number, logs?: FitValues): unknown;
  onBatchBegin?(batch: number, logs?: FitValues): unknown;
  onBatchEnd?(batch: number, logs?: FitValues): unknown;
  onYield?(epoch: number, batch: number, logs: FitValues): unknown;
}

/** How `model.fit` is logged. */
export interface FitCallbackOptions {
  /** The page's own TensorFlow.js, the one that has made the model. Default: the global `tf` that its script makes. */
  readonly tf?: PageTf;
  /** The page's own callbacks, with what they would get alone. Default: none. */
  readonly also?: FitHandlers | readonly FitHandlers[];
  /**
   * `batch` logs each batch, a number each so many steps, `epoch` none; epochs are always logged. Default `batch`: it costs nothing here,
   * while tfjs-node's `tensorBoard()` has `epoch`, as there it does.
   */
  readonly updateFreq?: 'batch' | 'epoch' | number;
  /** Each so many epochs, the first included, the weights are logged as histograms. Default 0: never. */
  readonly histogramFreq?: number;
  /**
   * Finish the run with the fit: as `stopped` after `stopTraining`, as `failed` when the fit throws once it has begun. A fit that refuses its
   * data has not begun. Default false: further fits go on in it.
   */
  readonly finish?: boolean;
  /**
   * `tabtrain`: the tags of `System`, `train/loss/step`, `val/metrics/accuracy/epoch`, `train/lr`, so that charts lie over each other.
   * `keras`: the names of `history.history`, `loss`, `val_acc`, those of batches as `batch_loss`, and `lr`. Default `tabtrain`.
   */
  readonly names?: 'tabtrain' | 'keras';
}

/** What goes into `callbacks` of `model.fit` and `model.fitDataset`. */
export interface FitCallback {
  onTrainBegin(logs?: FitValues): Promise<void>;
}

const optionNames = ['tf', 'also', 'updateFreq', 'histogramFreq', 'finish', 'names'];

/**
 * Logs `model.fit` or `model.fitDataset` of TensorFlow.js into a run, alone or in a list with other callbacks in any order. The scalars
 * of hundreds of batches are read in one round trip, and the page yields as `yieldEvery` says. Steps and epochs go on from fit to fit. What
 * goes wrong in logging is told to the run's `onError` and never stops the fit.
 *
 * Throws `missing-peer` without a TensorFlow.js, `bad-options`; a fit of a model of another copy of TensorFlow.js rejects with `two-copies`.
 *
 * ```ts
 * await model.fit(x, y, { epochs: 5, callbacks: fitCallback(run, { tf, also: { onEpochEnd: drawMyChart } }) });
 * ```
 */
export function fitCallback(run: Run, options: FitCallbackOptions = {}): FitCallback {
  if (typeof (run as Partial<Run> | undefined)?.attachEngine !== 'function') {
    throw new LogError('bad-options', `fitCallback(${describe(run)}): need a run: fitCallback(await startRun({ project: 'mine' })).`);
  }
  const logOptions = readOptions(options);
  const tf = findTf(options.tf);
  const isInstance = watchFits(tf);
  const also: readonly unknown[] = Array.isArray(options.also) ? options.also : options.also === undefined ? [] : [options.also];
  for (const one of also) {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) refuse('also', one, 'a callback, or a list of them');
  }

  const join = (made: PageCallback, fit: BegunFit): FitHooks => {
    // Two copies may both be seen to.
    if (!(made instanceof tf.CustomCallback)) throw unseenFit();
    const { prototype } = tf.CustomCallback;
    const { yieldEvery } = made;
    const others = also.map((one) => {
      if (isInstance(one)) {
        const callback = one as PageCallback; // it is one of its classes
        callback.setParams(fit.params);
        callback.setModel(fit.model);
        return callback;
      }
      const callback = new tf.CustomCallback(Object(one), yieldEvery);
      callback.setParams(fit.params);
      const hooks = takePart(one, callback, { ...fit, yieldsElsewhere: true }, isInstance);
      if (hooks !== undefined) surround([callback], hooks);
      return callback;
    });
    // Two that yield would make the page wait for two frames each time.
    const isYielded = fit.yieldsElsewhere || others.some((_, i) => !isInstance(also[i]));
    if (isYielded && made.yield == null) made.yieldEvery = 'never';
    // A page may have spread ours into a literal of its own.
    if (made.trainBegin === handlers.onTrainBegin) made.trainBegin = undefined;
    for (const name of handlerNames) {
      made[name] = async (...args) => {
        for (const other of others) await other[name](...args);
        await prototype[name].apply(made, args);
      };
    }
    const { onError } = run.attachEngine(pageEngine(tf));
    return new FitLog(tf, run, onError, fit, logOptions);
  };

  const handlers = {
    // Taken over before it could be called, unless nobody sees to the fit.
    onTrainBegin: () => Promise.reject(unseenFit()),
  };
  return marked(handlers, join);
}

/** Throws `bad-options`. */
function readOptions(options: FitCallbackOptions): FitLogOptions {
  if (typeof options !== 'object' || options === null) {
    throw new LogError('bad-options', `fitCallback(run, ${describe(options)}): need options, such as { tf }.`);
  }
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
  if (unknown !== undefined) {
    throw new LogError('bad-options', `fitCallback(run, { ${unknown} }): there is no such option. There are ${optionNames.join(', ')}.`);
  }
  const { updateFreq = 'batch', histogramFreq = 0, finish = false, names = 'tabtrain' } = options;
  const everyNSteps = updateFreq === 'batch' ? 1 : updateFreq === 'epoch' ? 0 : updateFreq;
  if (!Number.isSafeInteger(everyNSteps) || everyNSteps < 0) refuse('updateFreq', updateFreq, "'batch', 'epoch', or a number of batches");
  if (!Number.isSafeInteger(histogramFreq) || histogramFreq < 0) refuse('histogramFreq', histogramFreq, 'a number of epochs, or 0');
  if (typeof finish !== 'boolean') refuse('finish', finish, 'true or false');
  if (names !== 'tabtrain' && names !== 'keras') refuse('names', names, "'tabtrain' or 'keras'");
  return { everyNSteps, histogramFreq, finish, isKeras: names === 'keras' };
}

function refuse(name: string, value: unknown, need: string): never {
  throw new LogError('bad-options', `fitCallback(run, { ${name}: ${describe(value)} }): need ${need}.`);
}

function unseenFit(): LogError {
  return twoCopies(
    'fitCallback(run, { tf }): the tf it was given does not know of this fit. Where the page calls what fitCallback() gives by itself, or wraps it, ' +
      'put that into `callbacks` as it is, and your own callbacks into `also`. Where it does not',
  );
}
