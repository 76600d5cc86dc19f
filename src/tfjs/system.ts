import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Engine } from '../core/engine.ts';
import { describe, LogError } from '../core/errors.ts';
import type { LogOptions } from '../core/log-options.ts';
import type { Json } from '../core/run-info.ts';
import type { TrainSettings } from '../core/train-control.ts';
import type { BackendChoice } from '../core/train-events.ts';
import type { FitResult, FitSession, Trainable } from '../core/trainable.ts';
import { trainLoop } from '../train/train-loop.ts';
import type { TrainContext, TrainModule } from '../train/train-module.ts';
import { type BackendName, chooseBackend, describeActiveBackend, isRegistered } from './backend.ts';
import { BatchCheck, type SystemData, toDataSource } from './checked-data.ts';
import { type CompiledModel, compileModel, type LossOrMetric, metricName } from './compiled-model.ts';
import type { Batch, DataSource } from './data-source.ts';
import { deviceIdle, refuseLostDevice } from './device.ts';
import { tfjsEngine } from './engine.ts';
import { kernelsOf, missingKernel } from './kernel-probe.ts';
import { logScalars } from './log-scalars.ts';
import { optimizerHyperparameters, optimizerStats, setLearningRate } from './optimizer.ts';
import { predict, readWeights, type WeightValues } from './predict.ts';
import { countOf, type Samples, shuffled, stretches, takeSamples } from './samples.ts';
import { createRandom } from './shuffle.ts';

/** A training, declared. */
export interface SystemOptions {
  /**
   * The model, or a function that makes it. With a function the backend can still be chosen; the model is then the
   * system's own and disposed of with it. It needs one input and one output.
   */
  readonly model: tfl.LayersModel | (() => tfl.LayersModel);
  /** An optimizer, a function that makes one (called once the backend is chosen), or its name: `'adam'`, `'sgd'` … */
  readonly optimizer: tf.Optimizer | string | (() => tf.Optimizer);
  /** A name as in `model.compile`, or a function of targets and predictions. */
  readonly loss: string | LossOrMetric;
  /** Names as in `model.compile`, or functions. Default none. */
  readonly metrics?: readonly (string | LossOrMetric)[];
  /** Two tensors, or a `DataSource`. Not disposed of. */
  readonly train: SystemData;
  /** Validated on after each epoch. Default: no validation. */
  readonly validation?: SystemData;
  /** Samples per step; the last batch of an epoch may be smaller. Default 32. */
  readonly batchSize?: number;
  /** Draw a new order each epoch. Default true. */
  readonly shuffle?: boolean;
  /** Repeats the order of the samples. The initial weights and dropout have seeds of their own. Default: random. */
  readonly seed?: number;
  /** Set on the optimizer before the first step. Default: the optimizer's own. */
  readonly learningRate?: number;
  /** Default: `auto` when `model` is a function, else the active backend. See `chooseBackend`. */
  readonly backend?: BackendName | 'auto';
}

/**
 * A model, data, a loss: trained and logged by declaration. Loss and metrics are logged for each step and epoch under
 * `train/loss/step`, `train/metrics/accuracy/epoch`, `val/loss/epoch` and so on; the optimizer's settings as `train/lr`
 * and the like.
 *
 * ```ts
 * const digits = new System({ model, optimizer: tf.train.adam(1e-3), loss: 'sparseCategoricalCrossentropy',
 *   metrics: ['accuracy'], train: [x, y], validation: [vx, vy], batchSize: 64 });
 * await new Trainer({ maxEpochs: 5 }).fit(digits, { project: 'mnist' });
 * ```
 */
export class System implements TrainModule<Samples>, Trainable {
  readonly engine: Engine = tfjsEngine();
  readonly hyperparameters: Readonly<Record<string, Json>>;
  readonly #options: SystemOptions;
  readonly #batchSize: number;
  readonly #train: DataSource;
  readonly #validation: DataSource | undefined;
  readonly #random: () => number;
  readonly #trainTags: readonly string[];
  readonly #validationTags: readonly string[];
  readonly #trainOptions = new Map<number, LogOptions>();
  readonly #validationOptions = new Map<number, LogOptions>();
  #compiled: CompiledModel | undefined;
  #preparing: Promise<CompiledModel> | undefined;
  #backend: BackendChoice | undefined;
  #trainCheck: BatchCheck | undefined;
  #validationCheck: BatchCheck | undefined;
  #statsDue = true;
  #session: FitSession | undefined;
  #isDisposed = false;

  /** Throws `bad-data` or `bad-options` for what can be seen without the model; the rest is checked when training begins. */
  constructor(options: SystemOptions) {
    const { batchSize = 32, seed, learningRate } = options;
    if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
      throw new LogError('bad-options', `new System({ batchSize: ${describe(batchSize)} }): need a whole number of at least 1.`);
    }
    if (learningRate !== undefined && !isLearningRate(learningRate)) {
      throw new LogError('bad-options', `new System({ learningRate: ${describe(learningRate)} }): need a number of at least 0, e.g. 1e-3.`);
    }
    refuseBadFunctions(options);
    this.#options = options;
    this.#batchSize = batchSize;
    this.#train = toDataSource(options.train, 'train');
    this.#validation = options.validation === undefined ? undefined : toDataSource(options.validation, 'validation');
    this.#random = createRandom(seed ?? Math.random() * 2 ** 32);
    const names = (options.metrics ?? []).map(metricName);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
      throw new LogError('bad-options', `new System({ metrics }): two of them would be logged as '${twice}'. Leave one out, or rename it.`);
    }
    this.#trainTags = ['train/loss', ...names.map((name) => `train/metrics/${name}`)];
    this.#validationTags = ['val/loss/epoch', ...names.map((name) => `val/metrics/${name}/epoch`)];
    this.hyperparameters = {
      ...optimizerHyperparameters(options.optimizer),
      ...(learningRate === undefined ? {} : { lr: learningRate }),
      batchSize,
      loss: typeof options.loss === 'string' ? options.loss : options.loss.name || 'custom',
      ...(seed === undefined ? {} : { seed }),
    };
  }

  /** The backend it trains on; undefined before training or the first prediction. */
  get backend(): BackendChoice | undefined {
    return this.#backend;
  }

  get stepsPerEpoch(): number {
    return Math.ceil(this.#train.size / this.#batchSize);
  }

  /** The model; undefined before training or the first prediction when a function makes it. */
  get model(): tfl.LayersModel | undefined {
    return this.#compiled?.model ?? (typeof this.#options.model === 'function' ? undefined : this.#options.model);
  }

  /** Settable at any time; takes effect with the next step. Undefined before training when the optimizer is not made yet. */
  get learningRate(): number | undefined {
    const { optimizer } = this.#options;
    const made = this.#compiled?.optimizer ?? (typeof optimizer === 'object' ? optimizer : undefined);
    return made === undefined ? this.#options.learningRate : optimizerStats(made)['train/lr'];
  }

  /** Trains it: for `Trainer` and workers. Training again goes on with the weights and the optimizer as they are. */
  async fit(session: FitSession): Promise<FitResult> {
    const isFirst = this.#session === undefined;
    if (isFirst) this.#session = session;
    try {
      return await trainLoop(this, session);
    } finally {
      if (isFirst) this.#session = undefined;
      if (isFirst && this.#isDisposed) this.#free();
    }
  }

  async setup({ run }: TrainContext): Promise<void> {
    await this.#prepare();
    refuseLostDevice();
    // Before the first step, so that wrong validation data do not cost an epoch.
    tf.tidy(() => {
      this.#batchOf(this.#train, this.#trainCheck, { start: 0, count: 1 });
      if (this.#validation !== undefined) this.#batchOf(this.#validation, this.#validationCheck, { start: 0, count: 1 });
    });
    const { backend } = this;
    if (backend !== undefined) {
      await run.setFacts({ backend: backend.backend, 'backend.reason': backend.reason, 'backend.software': backend.isSoftware });
    }
  }

  trainBatches(): Iterable<Samples> {
    const { size } = this.#train;
    if (this.#options.shuffle === false) return stretches(size, this.#batchSize);
    return shuffled(size, this.#batchSize, this.#random);
  }

  validationBatches(): Iterable<Samples> {
    return this.#validation === undefined ? [] : stretches(this.#validation.size, this.#batchSize);
  }

  onEpochStart(): void {
    this.#statsDue = true;
  }

  trainingStep(samples: Samples, { run }: TrainContext): void {
    const compiled = this.#ready();
    refuseLostDevice();
    if (this.#statsDue) {
      this.#statsDue = false;
      run.log(optimizerStats(compiled.optimizer));
    }
    const scalars = this.#compute(() => compiled.trainOn(this.#batchOf(this.#train, this.#trainCheck, samples)));
    logScalars(run, this.#trainTags, scalars, this.#optionsFor(this.#trainOptions, countOf(samples), true));
  }

  validationStep(samples: Samples, { run }: TrainContext): void {
    const compiled = this.#ready();
    const source = this.#validation ?? this.#train;
    const scalars = this.#compute(() => compiled.evaluateOn(this.#batchOf(source, this.#validationCheck, samples)));
    logScalars(run, this.#validationTags, scalars, this.#optionsFor(this.#validationOptions, countOf(samples), false));
  }

  /** Understands `lr`, effective with the next step; it is logged again. */
  applySettings(settings: TrainSettings): readonly string[] {
    const refused: string[] = [];
    for (const [name, value] of Object.entries(settings)) {
      if (name === 'lr' && isLearningRate(value)) {
        setLearningRate(this.#ready().optimizer, value);
        this.#statsDue = true;
      } else refused.push(name);
    }
    return refused;
  }

  deviceIdle(): Promise<void> | undefined {
    return deviceIdle();
  }

  /**
   * Predicts all samples of a tensor, or of an array that holds one sample after the other, and reads the outputs back
   * once, one sample after the other. May be called while it trains. Rejects with `bad-data` for a wrong shape.
   */
  async predict(input: Float32Array | tf.Tensor): Promise<Float32Array> {
    const { model } = await this.#prepare();
    return predict(model, input);
  }

  /** Reads all weights, in the model's order. May be called while it trains. */
  async weights(): Promise<WeightValues[]> {
    const { model } = await this.#prepare();
    return readWeights(model);
  }

  /** Frees what the system made: the model if a function made it, the optimizer if it was not given. Stops a training first. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    if (this.#session === undefined) this.#free();
    else this.#session.control.stop('the system was disposed of');
  }

  #free(): void {
    const compiled = this.#compiled;
    if (compiled === undefined) return;
    this.#compiled = undefined;
    if (compiled.ownsOptimizer) compiled.optimizer.dispose();
    if (typeof this.#options.model === 'function') compiled.model.dispose();
  }

  #ready(): CompiledModel {
    if (this.#compiled === undefined) throw new LogError('internal', 'internal: a step of a system that was not set up.');
    return this.#compiled;
  }

  #prepare(): Promise<CompiledModel> {
    if (this.#isDisposed) return Promise.reject(new LogError('bad-model', 'system: it has been disposed of. Make a new System.'));
    this.#preparing ??= this.#build().catch((thrown: unknown) => {
      // The next call tries again: data may have been loaded, a device come back.
      this.#preparing = undefined;
      throw thrown;
    });
    return this.#preparing;
  }

  async #build(): Promise<CompiledModel> {
    const { model, learningRate, backend = typeof model === 'function' ? 'auto' : undefined } = this.#options;
    // The cpu backend has every kernel: there the model shows which ones it needs.
    const canProbe = backend === 'auto' && isRegistered('cpu');
    if (backend === undefined) this.#backend = await describeActiveBackend();
    else if (canProbe) await tf.setBackend('cpu');
    else this.#backend = await chooseBackend({ backend });
    const made = typeof model === 'function' ? model() : model;
    let compiled: CompiledModel | undefined;
    try {
      const ready = (compiled = compileModel(made, { ...this.#options, metrics: this.#options.metrics ?? [] }));
      this.#trainCheck = new BatchCheck(ready.model, this.#options.loss, 'train');
      this.#validationCheck = new BatchCheck(ready.model, this.#options.loss, 'validation');
      if (learningRate !== undefined) setLearningRate(ready.optimizer, learningRate);
      const rehearse = (): void => ready.rehearse(this.#rehearsalBatch());
      if (canProbe) this.#backend = await chooseBackend({ backend, kernels: await kernelsOf(rehearse) });
      else if (backend !== undefined && tf.getBackend() === 'wasm') this.#backend = await leaveIfLacking(rehearse, backend, this.#backend);
      return (this.#compiled = ready);
    } catch (thrown) {
      // The next try makes a model and an optimizer of its own.
      if (compiled?.ownsOptimizer === true) compiled.optimizer.dispose();
      if (typeof model === 'function' && made instanceof tfl.LayersModel && made.built) made.dispose();
      throw thrown;
    }
  }

  /** One sample. Of tensors only the shape: the whole set would have to move to the backend of the rehearsal. */
  #rehearsalBatch(): Batch {
    const { train } = this.#options;
    if (!isPair(train)) return this.#batchOf(this.#train, this.#trainCheck, Int32Array.of(0));
    const [inputs, targets] = train.map((tensor) => tf.zeros([1, ...tensor.shape.slice(1)], tensor.dtype)) as [tf.Tensor, tf.Tensor]; // a pair gives a pair
    return this.#trainCheck?.fit([inputs, targets], 1) ?? [inputs, targets];
  }

  #batchOf(source: DataSource, check: BatchCheck | undefined, samples: Samples): Batch {
    const batch = takeSamples(source, samples);
    return check?.fit(batch, countOf(samples)) ?? batch;
  }

  /** Makes a step's tensors. What it keeps it hands back. */
  #compute(step: () => tf.Tensor[]): tf.Tensor[] {
    try {
      return tf.tidy(step);
    } catch (thrown) {
      const kernel = missingKernel(thrown);
      if (kernel === undefined) throw thrown;
      throw new LogError(
        'no-backend',
        `fit(): ${tf.getBackend()} has no kernel ${kernel}, which this model's training needs. Give System a function that makes the model, and it chooses a backend that has.`,
        { cause: thrown },
      );
    }
  }

  /** One object per batch size: a step makes none. */
  #optionsFor(known: Map<number, LogOptions>, batchSize: number, onStep: boolean): LogOptions {
    let options = known.get(batchSize);
    if (options === undefined) known.set(batchSize, (options = { onStep, onEpoch: true, separator: '/', batchSize }));
    return options;
  }
}

/** Chooses again, for as long as the wasm backend proves to lack a kernel. */
async function leaveIfLacking(
  rehearse: () => void,
  backend: BackendName | 'auto',
  choice: BackendChoice | undefined,
): Promise<BackendChoice | undefined> {
  try {
    tf.tidy(rehearse);
    return choice;
  } catch (thrown) {
    const kernel = missingKernel(thrown);
    if (kernel === undefined) throw thrown;
    return chooseBackend({ backend, kernels: [kernel] });
  }
}

/** Throws `bad-options` for a loss, metrics or an optimizer that are not even of the right kind. */
function refuseBadFunctions({ optimizer, loss, metrics = [] }: { readonly [Name in 'optimizer' | 'loss' | 'metrics']?: unknown }): void {
  const isNamed = (value: unknown): boolean => typeof value === 'function' || (typeof value === 'string' && value !== '');
  const refuse = (name: string, value: unknown, need: string): never => {
    throw new LogError('bad-options', `new System({ ${name} }): got ${describe(value)}, need ${need}.`);
  };
  if (!isNamed(optimizer) && (typeof optimizer !== 'object' || optimizer === null)) {
    refuse('optimizer', optimizer, "an optimizer such as tf.train.adam(1e-3), or its name, e.g. 'adam'");
  }
  if (!isNamed(loss)) refuse('loss', loss, "a name, e.g. 'meanSquaredError', or a function");
  if (!Array.isArray(metrics)) refuse('metrics', metrics, "an array, e.g. ['accuracy']");
  else if (!metrics.every(isNamed)) {
    refuse(
      'metrics',
      metrics.find((metric) => !isNamed(metric)),
      'names or functions in the array',
    );
  }
}

function isPair(data: SystemData): data is readonly [tf.Tensor, tf.Tensor] {
  return Array.isArray(data);
}

function isLearningRate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}
