import { LogError, toLogError } from '../core/errors.ts';
import type { Json } from '../core/run-info.ts';
import { closedRun } from '../run/closed-run.ts';
import type { Run } from '../run/run.ts';
import { readRow } from './page-engine.ts';
import type { BegunFit, FitHooks, HandlerName } from './fit-watch.ts';
import type { FitParams, KnownTf, PageModel } from './page-tf.ts';

/** How one fit is logged. */
export interface FitLogOptions {
  /** Batches are logged each so many steps; 0: none. */
  readonly everyNSteps: number;
  /** Weights are logged each so many epochs; 0: never. */
  readonly histogramFreq: number;
  readonly finish: boolean;
  readonly isKeras: boolean;
}

/** What TensorFlow.js hands to callbacks: numbers, or scalars that it disposes of afterwards. */
export type FitLogs = Readonly<Record<string, unknown>>;

/** Runs whose last batch and epoch may still be logged to: closed with the next ones, by whichever fit has them, once. */
const openSteps = new WeakSet<Run>();
const openEpochs = new WeakSet<Run>();

/**
 * Logs one fit into a run. Never throws and never rejects: what goes wrong is told, and the fit goes on. Callbacks of the page that log
 * into the run by themselves do so at the step of the batch that they are told of, at the end of an epoch and of the fit at the last one.
 */
export class FitLog implements FitHooks {
  readonly #tf: KnownTf;
  readonly #run: Run;
  readonly #tell: (error: LogError) => void;
  readonly #model: PageModel;
  readonly #options: FitLogOptions;
  readonly #told = new Set<string>();
  readonly #tags = new Map<string, string>();
  readonly #reading = new Set<Promise<void>>();
  /** The run takes nothing any more. */
  #isOver = false;
  #hasEnded = false;
  #learningRate: unknown;
  readonly #params: FitParams;

  constructor(tf: KnownTf, run: Run, tell: (error: LogError) => void, { model, params }: BegunFit, options: FitLogOptions) {
    this.#tf = tf;
    this.#run = run;
    this.#tell = tell;
    this.#model = model;
    this.#params = params;
    this.#options = options;
  }

  before(name: HandlerName, args: readonly unknown[]): Promise<void> | void {
    if (name === 'onTrainBegin') return this.#begin();
    if (name === 'onEpochBegin') return this.#beginEpoch();
    if (name === 'onBatchBegin') return this.#closeStep();
    if (name === 'onBatchEnd') this.#endBatch(args[1] as FitLogs | undefined); // as TensorFlow.js calls it
    if (name === 'onEpochEnd') this.#endEpoch(args[0] as number, args[1] as FitLogs | undefined);
  }

  after(name: HandlerName): Promise<void> | void {
    if (name === 'onTrainEnd') return this.#end();
  }

  #begin(): Promise<void> | void {
    if (this.#options.finish) onFitOver(this.#model, () => this.#over());
    // A fit that threw has left its last epoch open.
    const closed = this.#closeEpoch();
    this.#try(() => {
      const run = this.#run;
      if (run.info.status !== 'running') throw closedRun('fitCallback(run)', run.info.name);
      const { config } = run.info;
      const missing = Object.entries(describeFit(this.#model, this.#params)).filter(([name]) => !Object.hasOwn(config, name));
      if (missing.length > 0) run.logHyperparams(Object.fromEntries(missing));
      run.setFacts({ backend: this.#tf.getBackend() }).catch(this.#hear);
    });
    return closed;
  }

  #beginEpoch(): Promise<void> {
    this.#learningRate = undefined;
    return this.#closeEpoch();
  }

  #endBatch(logs: FitLogs = {}): void {
    const run = this.#run;
    const { everyNSteps } = this.#options;
    const isLogged = everyNSteps > 0 && (run.step + 1) % everyNSteps === 0;
    const values: Record<string, unknown> = {};
    if (isLogged) for (const name in logs) if (!notValues.has(name)) values[this.#tagOf(name, 'step', logs)] = logs[name];
    const learningRate = this.#model.optimizer?.learningRate;
    if (typeof learningRate === 'number' && learningRate !== this.#learningRate) {
      values[this.#options.isKeras ? 'lr' : 'train/lr'] = this.#learningRate = learningRate;
    }
    this.#log(values, false);
    openSteps.add(run);
    openEpochs.add(run);
  }

  /** Awaited, it holds the fit back while very many scalars wait to be read, or points to be stored. */
  #closeStep(): Promise<void> | void {
    const run = this.#run;
    if (!openSteps.delete(run)) return;
    let room: Promise<void> | undefined;
    this.#try(() => (room = run.endStep()));
    return room?.catch(this.#hear);
  }

  #endEpoch(epoch: number, logs: FitLogs = {}): void {
    const { histogramFreq } = this.#options;
    const values: Record<string, unknown> = {};
    for (const name in logs) values[this.#tagOf(name, 'epoch', logs)] = logs[name];
    this.#log(values, true);
    if (histogramFreq > 0 && epoch % histogramFreq === 0) this.#try(() => this.#logWeights());
  }

  async #closeEpoch(): Promise<void> {
    await this.#closeStep();
    if (!openEpochs.delete(this.#run)) return;
    // Weights that are being read are of this epoch.
    await Promise.all(this.#reading);
    // Reading at each end of an epoch would make one round trip of each short one.
    if (!this.#isOver) this.#run.endEpoch({ read: false }).catch(this.#hear);
  }

  async #end(): Promise<void> {
    this.#hasEnded = true;
    await this.#closeEpoch();
    await Promise.all(this.#reading);
    if (this.#isOver) return;
    const run = this.#run;
    const written = this.#options.finish ? run.finish(this.#model.stopTraining_ === true ? 'stopped' : 'finished') : run.flush();
    // What the end of a run rejects with has been told.
    await written.catch(() => {});
  }

  /** The fit is over, by its end or by what it has thrown. */
  #over(): void {
    if (!this.#hasEnded && !this.#isOver) this.#run.finish('failed', 'model.fit() has thrown').catch(() => {});
  }

  #log(values: Record<string, unknown>, onEpoch: boolean): void {
    // What TensorFlow.js hands over are numbers and tensors.
    this.#try(() => this.#run.log(values as Record<string, number>, onEpoch ? { onEpoch } : undefined));
  }

  #logWeights(): void {
    const run = this.#run;
    const { step } = run;
    const weights = this.#model.weights.map((weight) => ({ tag: `weights/${weight.name}`, tensor: weight.read() }));
    if (weights.length === 0) return;
    const read = async (): Promise<void> => {
      try {
        const numbers = Float32Array.from(
          await readRow(
            this.#tf,
            weights.map(({ tensor }) => tensor),
          ),
        );
        let start = 0;
        for (const { tag, tensor } of weights) run.logHistogram(tag, numbers.subarray(start, (start += tensor.size)), { step });
      } catch (thrown) {
        this.#hear(thrown);
      }
    };
    const reading = read().finally(() => this.#reading.delete(reading));
    this.#reading.add(reading);
  }

  #try(act: () => unknown): void {
    if (this.#isOver) return;
    try {
      act();
    } catch (thrown) {
      this.#hear(thrown);
    }
  }

  /** Tells what is new. */
  readonly #hear = (thrown: unknown): void => {
    const error = toLogError(thrown, 'internal', 'fitCallback(run)');
    if (error.code === 'closed-run') {
      if (this.#isOver) return;
      this.#isOver = true;
    }
    if (this.#told.has(error.message)) return;
    this.#told.add(error.message);
    this.#tell(error);
  };

  #tagOf(name: string, rhythm: 'step' | 'epoch', logs: FitLogs): string {
    const key = `${rhythm} ${name}`;
    let tag = this.#tags.get(key);
    if (tag === undefined) this.#tags.set(key, (tag = this.#options.isKeras ? kerasTag(name, rhythm) : ourTag(name, rhythm, logs)));
    return tag;
  }
}

/** What stands beside the values of a batch. */
const notValues: ReadonlySet<string> = new Set(['batch', 'size']);

/** As in `history.history`; those of batches with the prefix that tfjs-node's `tensorBoard()` gives them. */
function kerasTag(name: string, rhythm: 'step' | 'epoch'): string {
  return rhythm === 'step' ? `batch_${name}` : name;
}

/** The tag under which `System` logs the same. */
function ourTag(name: string, rhythm: 'step' | 'epoch', logs: FitLogs): string {
  const isValidation = name.startsWith('val_');
  const bare = isValidation ? name.slice(4) : name;
  const isAccuracy = bare === 'acc' && !Object.hasOwn(logs, name.replace(/acc$/, 'accuracy'));
  // Functions without a name are metrics, too.
  const ours = bare === 'loss' ? bare : `metrics/${isAccuracy ? 'accuracy' : bare || 'unnamed'}`;
  return `${isValidation ? 'val' : 'train'}/${ours}/${rhythm}`;
}

/** What a run's config says about a fit. */
function describeFit({ optimizer, loss }: PageModel, { batchSize, epochs }: FitParams): Record<string, Json> {
  const known: Record<string, unknown> = {
    optimizer: optimizer?.getClassName?.(),
    lr: optimizer?.learningRate,
    batchSize,
    epochs,
    loss: lossNames(loss),
  };
  const told = Object.entries(known).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(told) as Record<string, Json>; // names and numbers
}

/** One, or one for each output: a list, or by the outputs' names. */
function lossNames(loss: unknown): Json | undefined {
  if (typeof loss === 'function') return loss.name || 'custom';
  if (Array.isArray(loss)) return loss.map((one) => lossNames(one) ?? null);
  if (typeof loss !== 'object' || loss === null) return typeof loss === 'string' ? loss : undefined;
  return Object.fromEntries(Object.entries(loss).map(([output, one]) => [output, lossNames(one) ?? null]));
}

/** Calls back when a fit of the model is over, also when it has thrown: TensorFlow.js tells nobody but its own mark. */
function onFitOver(model: PageModel, act: () => void): void {
  if (model.isTraining !== true) return;
  Object.defineProperty(model, 'isTraining', {
    configurable: true,
    enumerable: true,
    get: () => true,
    set(value: boolean) {
      Object.defineProperty(model, 'isTraining', { configurable: true, enumerable: true, writable: true, value });
      if (!value) act();
    },
  });
}
