import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { type ConfigText, configTextFacts } from '../core/config-text.ts';
import type { Engine } from '../core/engine.ts';
import { LogError } from '../core/errors.ts';
import type { HookLogOptions } from '../core/log-options.ts';
import type { Registry } from '../core/instantiate.ts';
import type { ModelGraph } from '../core/logger.ts';
import type { Json } from '../core/run-info.ts';
import type { TrainSettings } from '../core/train-control.ts';
import type { BackendChoice } from '../core/train-events.ts';
import type { EvaluationContext, HookContext, StepContext, TrainingStepContext } from '../train/contexts.ts';
import { TrainModule } from '../train/train-module.ts';
import { type BackendName, chooseBackend, describeActiveBackend, isRegistered } from './backend.ts';
import { BatchCheck, toDataSource } from './checked-data.ts';
import { type CompiledModel, compileModel, type Watch } from './compiled-model.ts';
import type { Batch, DataSource } from './data-source.ts';
import { deviceIdle, refuseLostDevice } from './device.ts';
import { tfjsEngine } from './engine.ts';
import { systemOptionsFrom } from './from-config.ts';
import { kernelsOf, missingKernel } from './kernel-probe.ts';
import { logScalars } from './log-scalars.ts';
import { modelGraph } from './model-graph.ts';
import { optimizerHyperparameters, optimizerStats, setLearningRate } from './optimizer.ts';
import { predict, readWeights, type WeightValues } from './predict.ts';
import { countOf, type CountedBatches, type Samples, shuffled, stretches, takeSamples } from './samples.ts';
import { createRandom } from './shuffle.ts';
import { type PredictionMetric, SystemMetrics, type SystemMode } from './system-metrics.ts';
import { isLearningRate, isPair, refuseBadOptions, type SystemOptions } from './system-options.ts';

export type { SystemOptions };

/** What a batch has given, for {@link System.logStats}. */
export interface SystemStats {
  readonly mode: SystemMode;
  /** Of one value. Valid until the call returns. */
  readonly loss: tf.Tensor;
  /** By name: tensors of one value, and metric objects that this batch has updated. */
  readonly metrics: Readonly<Record<string, tf.Tensor | PredictionMetric>>;
  /** Samples in the batch. */
  readonly batchSize: number;
  /** The optimizer's settings, on the first batch of an epoch and after they have changed; else undefined. */
  readonly optimizer: Readonly<Record<string, number>> | undefined;
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
export class System extends TrainModule<Samples> {
  override readonly engine: Engine = tfjsEngine();
  override readonly hyperparameters: Readonly<Record<string, Json>>;
  readonly #options: SystemOptions;
  readonly #batchSize: number;
  readonly #train: DataSource;
  readonly #validation: DataSource | undefined;
  readonly #random: () => number;
  readonly #test: DataSource | undefined;
  readonly #metrics: SystemMetrics;
  readonly #trainOptions = new Map<number, HookLogOptions>();
  readonly #evaluationOptions = new Map<number, HookLogOptions>();
  #compiled: CompiledModel | undefined;
  #preparing: Promise<CompiledModel> | undefined;
  #backend: BackendChoice | undefined;
  #trainCheck: BatchCheck | undefined;
  #validationCheck: BatchCheck | undefined;
  #testCheck: BatchCheck | undefined;
  #statsDue = true;
  /** Stops the loop it is in. */
  #stop: ((reason: string) => void) | undefined;
  #isDisposed = false;

  /** Throws `bad-data` or `bad-options` for what can be seen without the model; the rest is checked when training begins. */
  constructor(options: SystemOptions) {
    super();
    refuseBadOptions(options);
    const { batchSize = 32, seed, learningRate } = options;
    this.#options = options;
    this.#batchSize = batchSize;
    this.#train = toDataSource(options.train, 'train');
    this.#validation = options.validation === undefined ? undefined : toDataSource(options.validation, 'validation');
    this.#test = options.test === undefined ? undefined : toDataSource(options.test, 'test');
    this.#random = createRandom(seed ?? Math.random() * 2 ** 32);
    this.#metrics = new SystemMetrics(options.metrics, options.loss);
    this.hyperparameters = {
      ...optimizerHyperparameters(options.optimizer),
      ...(learningRate === undefined ? {} : { lr: learningRate }),
      batchSize,
      loss: typeof options.loss === 'string' ? options.loss : options.loss.name || 'custom',
      ...(seed === undefined ? {} : { seed }),
      ...options.hyperparameters,
    };
  }

  /**
   * Builds a system from a declarative config, as Lighter does: `{ _target_: 'adam', learningRate: 1e-3 }` is what
   * `registry.adam({ learningRate: 1e-3 })` gives; see `instantiateConfig` for the rest of it. The options of a system stand at the top of
   * the config, or under `system`. The whole config becomes the run's hyperparameters, and a text from `readConfig` is kept as written.
   * Throws `bad-options` with the path of what is wrong.
   *
   * ```ts
   * const registry = { adam: ({ lr }: { lr: number }) => tf.train.adam(lr), digits: [x, y], mlp: makeMlp };
   * const system = System.fromConfig(readConfig(text), registry);
   * ```
   */
  static fromConfig(config: ConfigText | Readonly<Record<string, unknown>>, registry: Registry): System {
    return new System(systemOptionsFrom(config, registry));
  }

  /** The backend it trains on; undefined before training or the first prediction. */
  override get backend(): BackendChoice | undefined {
    return this.#backend;
  }

  override get stepsPerEpoch(): number {
    return Math.ceil(this.#train.size / this.#batchSize);
  }

  /** The model; undefined before training or the first prediction when a function makes it. */
  get model(): tfl.LayersModel | undefined {
    return this.#compiled?.model ?? (typeof this.#options.model === 'function' ? undefined : this.#options.model);
  }

  /** Of its layers, for loggers that show one; undefined before the model is made. */
  override get graph(): ModelGraph | undefined {
    const { model } = this;
    return model === undefined ? undefined : modelGraph(model);
  }

  /** Settable at any time; takes effect with the next step. Undefined before training when the optimizer is not made yet. */
  get learningRate(): number | undefined {
    const { optimizer } = this.#options;
    const made = this.#compiled?.optimizer ?? (typeof optimizer === 'object' ? optimizer : undefined);
    return made === undefined ? this.#options.learningRate : optimizerStats(made)['train/lr'];
  }

  override async setup({ run, stop }: HookContext): Promise<void> {
    this.#stop = stop;
    this.#statsDue = true;
    await this.#prepare();
    refuseLostDevice();
    // Before the first step, so that wrong validation data do not cost an epoch.
    tf.tidy(() => {
      this.#batchOf(this.#train, this.#trainCheck, { start: 0, count: 1 });
      if (this.#validation !== undefined) this.#batchOf(this.#validation, this.#validationCheck, { start: 0, count: 1 });
      if (this.#test !== undefined) this.#batchOf(this.#test, this.#testCheck, { start: 0, count: 1 });
    });
    const { configText } = this.#options;
    if (configText !== undefined) await run.setFacts(configTextFacts(configText));
    const { backend } = this;
    if (backend !== undefined) {
      await run.setFacts({ backend: backend.backend, 'backend.reason': backend.reason, 'backend.software': backend.isSoftware });
    }
  }

  override teardown(): void {
    this.#stop = undefined;
    this.#compiled?.forgetGradients();
    this.#metrics.reset();
    if (this.#isDisposed) this.#free();
  }

  override trainBatches(): CountedBatches {
    const { size } = this.#train;
    if (this.#options.shuffle === false) return stretches(size, this.#batchSize);
    return shuffled(size, this.#batchSize, this.#random);
  }

  override validationBatches(): CountedBatches {
    return stretches(this.#validation?.size ?? 0, this.#batchSize);
  }

  override testBatches(): CountedBatches {
    return stretches(this.#test?.size ?? 0, this.#batchSize);
  }

  override onTrainEpochStart(): void {
    this.#statsDue = true;
    // Of an epoch that gave fewer batches than it should have.
    this.#compiled?.forgetGradients();
  }

  override trainingStep(samples: Samples, context: TrainingStepContext): void {
    const compiled = this.#ready();
    refuseLostDevice();
    const optimizer = this.#statsDue ? optimizerStats(compiled.optimizer) : undefined;
    this.#statsDue = false;
    this.#step(context, 'train', samples, optimizer, (watch) =>
      compiled.trainOn(this.#batchOf(this.#train, this.#trainCheck, samples), context, watch),
    );
  }

  override validationStep(samples: Samples, context: EvaluationContext): void {
    this.#evaluate(context, 'val', this.#validation ?? this.#train, this.#validationCheck, samples);
  }

  override testStep(samples: Samples, context: EvaluationContext): void {
    this.#evaluate(context, 'test', this.#test ?? this.#train, this.#testCheck, samples);
  }

  /**
   * Logs what a batch has given, and the optimizer's settings when they are due. Override it to log more, or less; tensors made in it
   * are freed.
   *
   * ```ts
   * protected override logStats(context: StepContext | EvaluationContext, stats: SystemStats): void {
   *   super.logStats(context, stats);
   *   if (stats.mode === 'train') context.log('train/log_loss', tf.log(stats.loss));
   * }
   * ```
   */
  protected logStats(context: StepContext | EvaluationContext, stats: SystemStats): void {
    const { mode, loss, metrics, batchSize, optimizer } = stats;
    const isTraining = mode === 'train';
    const options = this.#optionsFor(isTraining ? this.#trainOptions : this.#evaluationOptions, batchSize, isTraining);
    const ending = isTraining ? '' : '/epoch';
    if (optimizer !== undefined) context.run.hooks.write(optimizer);
    context.log(`${mode}/loss${ending}`, loss, options);
    for (const name in metrics) context.log(`${mode}/metrics/${name}${ending}`, metrics[name], options);
  }

  /** Understands `lr`, effective with the next step; it is logged again. */
  override applySettings(settings: TrainSettings): readonly string[] {
    const refused: string[] = [];
    for (const [name, value] of Object.entries(settings)) {
      if (name === 'lr' && isLearningRate(value)) {
        setLearningRate(this.#ready().optimizer, value);
        this.#statsDue = true;
      } else refused.push(name);
    }
    return refused;
  }

  override deviceIdle(): Promise<void> | undefined {
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
    if (this.#stop === undefined) this.#free();
    else this.#stop('the system was disposed of');
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
    else this.#backend = await chooseBackend({ ...this.#options, backend });
    const made = typeof model === 'function' ? model() : model;
    let compiled: CompiledModel | undefined;
    try {
      const ready = (compiled = compileModel(made, { ...this.#options, metrics: this.#metrics.compiled }));
      this.#trainCheck = new BatchCheck(ready.model, this.#options.loss, 'train');
      this.#validationCheck = new BatchCheck(ready.model, this.#options.loss, 'validation');
      this.#testCheck = new BatchCheck(ready.model, this.#options.loss, 'test');
      if (learningRate !== undefined) setLearningRate(ready.optimizer, learningRate);
      const rehearse = (): void => ready.rehearse(this.#rehearsalBatch());
      if (canProbe) this.#backend = await chooseBackend({ ...this.#options, backend, kernels: await kernelsOf(rehearse) });
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

  #evaluate(context: EvaluationContext, mode: 'val' | 'test', source: DataSource, check: BatchCheck | undefined, samples: Samples): void {
    const compiled = this.#ready();
    refuseLostDevice();
    this.#step(context, mode, samples, undefined, (watch) => compiled.evaluateOn(this.#batchOf(source, check, samples), watch));
  }

  #step(
    context: StepContext | EvaluationContext,
    mode: SystemMode,
    samples: Samples,
    optimizer: SystemStats['optimizer'],
    compute: (watch: Watch) => tf.Tensor[],
  ): void {
    const metrics: Record<string, tf.Tensor | PredictionMetric> = {};
    const watch: Watch = (targets, predictions) =>
      void Object.assign(metrics, this.#metrics.update(mode, targets, predictions, mode === 'train'));
    const scalars = this.#compute(() => compute(watch));
    this.#metrics.compiledNames.forEach((name, i) => (metrics[name] = scalars[i + 1] as tf.Tensor)); // the loss, then one for each name
    const [loss] = scalars as [tf.Tensor]; // always the first
    logScalars(scalars, () => tf.tidy(() => this.logStats(context, { mode, loss, metrics, batchSize: countOf(samples), optimizer })));
  }

  /** One object per batch size: a step makes none. */
  #optionsFor(known: Map<number, HookLogOptions>, batchSize: number, onStep: boolean): HookLogOptions {
    let options = known.get(batchSize);
    if (options === undefined) known.set(batchSize, (options = { onStep, onEpoch: true, separator: '/', batchSize, progBar: true }));
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
