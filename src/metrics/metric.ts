import type { DeviceOps, DeviceState } from '../core/device-ops.ts';
import { LogError } from '../core/errors.ts';
import { Accumulator, copyOnDevice, type OnDevice, readSums } from './accumulator.ts';
import type { Batch, Leader } from './batch.ts';
import { LazyPromise } from './lazy-promise.ts';
import { MetricBase, type MetricOptions } from './metric-base.ts';
import {
  asDeclared,
  canMerge,
  checkStates,
  copyStates,
  initialStates,
  mergeByReduction,
  type MetricState,
  type MetricStates,
  type StateDeclaration,
  type StateReduction,
  statesFromVector,
} from './metric-states.ts';
import { isShapedTensor, type TakenArgs, toNdArray } from './nd-array.ts';
import { applyTo, readArgs } from './read-args.ts';
import { sayOfMetrics } from './words.ts';

/**
 * A metric whose states add up: the contract of torchmetrics. A metric of your own declares its states in the constructor and
 * says how a batch changes them and what their value is; keeping, merging, resetting and reading tensors is done here.
 *
 * ```ts
 * class MeanAbsolute extends Metric<[preds: NumberArray, target: NumberArray], number, { sum: number; total: number }> {
 *   constructor(options?: MetricOptions) {
 *     super(options);
 *     this.addState('sum', 0, 'sum');
 *     this.addState('total', 0, 'sum');
 *   }
 *   protected updateState(state: { sum: number; total: number }, preds: NdArray, target: NdArray): void {
 *     preds.values.forEach((value, i) => (state.sum += Math.abs(value - target.values[i]!)));
 *     state.total += preds.values.length;
 *   }
 *   protected computeState(state: { sum: number; total: number }): number {
 *     return state.sum / state.total;
 *   }
 * }
 * ```
 *
 * Its settings live in ordinary fields, not in `#private` ones: {@link Metric.clone} copies fields without running the constructor.
 * `static override readonly name: string = 'MeanAbsolute'` keeps its name in messages and collections when the program is minified.
 */
export abstract class Metric<
  Args extends readonly unknown[] = never[],
  Out = number,
  States extends object = Record<string, number>,
> extends MetricBase<Args, Out> {
  /**
   * Metrics of one collection with the same key hold the same states after the same updates, and share one update. Default
   * undefined: shares nothing.
   */
  protected readonly updateKey: string | undefined = undefined;
  /** True when a batch's states depend on those before it: `forward` then updates twice, and states cannot be merged. Default false. */
  protected readonly fullStateUpdate: boolean = false;
  readonly #options: MetricOptions;
  #declared: Readonly<Record<string, StateDeclaration>> = {};
  #gathered: Accumulator = new Accumulator({});
  #device: DeviceOps | undefined;
  #batchValue: (() => Promise<Out>) | undefined;
  /** Lets go of the sums of the last batch, which are held until its value is asked for or the next batch comes. */
  #dropBatch: (() => void) | undefined;
  #cached: { readonly of: Accumulator; readonly version: number; readonly value: Promise<Out> } | undefined;

  /** `ownOptions`: names of the options that only this metric has. Throws `bad-options` for an option that no one knows. */
  constructor(options: MetricOptions = {}, ownOptions: readonly string[] = []) {
    super(options);
    this.checkOptions(options, ['device', 'computeWithCache', ...ownOptions]);
    this.#options = options;
    this.#device = options.device;
  }

  /** Changes the states by a batch. Pure but for `state`; checks its input before it changes anything. */
  protected abstract updateState(state: States, ...args: TakenArgs<Args>): void;

  /** The value of states; called with those of a batch, too. */
  protected abstract computeState(state: States): Out;

  /**
   * Counts a batch where it lies: sums that {@link Metric.statesFromDevice} makes states of. Undefined: read it, and update by
   * {@link Metric.updateState}. Called when a device is set and owns one of the arguments.
   */
  protected updateOnDevice(_ops: DeviceOps, ..._args: Args): DeviceState | undefined {
    return undefined;
  }

  /** States of sums from a device. Default: the declared states, one behind the other. */
  protected statesFromDevice(sums: Float64Array): States {
    return statesFromVector(this.#declared, sums, this.quote('update')) as unknown as States; // as declared
  }

  /** Folds other states into `into`; the counts are the updates behind each. Default: as the states were declared. */
  protected mergeStates(into: States, from: Readonly<States>, counts: { readonly into: number; readonly from: number }): void {
    // What was declared by name.
    mergeByReduction(this.#declared, into as unknown as MetricStates, from as unknown as MetricStates, counts, this.quote('mergeState'));
  }

  /** Declares a state: a number or array to count into, or `[]` for a list of arrays. Only in the constructor. */
  protected addState(name: keyof States & string, initial: MetricState, reduce: StateReduction): void {
    this.#declared = { ...this.#declared, [name]: { initial, reduce } };
    this.#gathered = new Accumulator(initialStates(this.#declared));
  }

  override get updateCount(): number {
    return this.#gathered.updateCount;
  }

  get device(): DeviceOps | undefined {
    return this.#device;
  }

  set device(ops: DeviceOps | undefined) {
    this.#device = ops;
  }

  /** A copy of the states that can be sent to another thread and merged there. Complete once {@link Metric.settled} resolves. */
  get metricState(): Readonly<MetricStates> {
    return copyStates(this.#gathered.states);
  }

  get batchValue(): (() => Promise<Out>) | undefined {
    // Who takes it will call it, be it after the next batch.
    this.#dropBatch = undefined;
    return this.#batchValue;
  }

  /** True once everything given so far was taken in: nothing waits to be read. Rejects as `compute` would. */
  async settled(): Promise<void> {
    const gathered = this.#gathered;
    await this.#inTurn(gathered, () => gathered.throwFailure());
  }

  update(...args: Args): void {
    this.#detach();
    this.#update(args);
  }

  async compute(): Promise<Out> {
    const gathered = this.#gathered;
    if (gathered.updateCount === 0) this.warn('compute', sayOfMetrics('compute'));
    const cached = this.#cached;
    if (cached?.of === gathered && cached.version === gathered.version && gathered.failure === undefined) return cached.value;
    const value = this.#compute(gathered);
    if (this.#options.computeWithCache !== false) {
      this.#cached = { of: gathered, version: gathered.version, value };
      value.catch(() => (this.#cached = undefined));
    }
    return value;
  }

  forward(...args: Args): Promise<Out> {
    this.#detach();
    return this.#hold(this.#forward(args));
  }

  reset(): void {
    this.#forgetBatch();
    this.#replace(new Accumulator(initialStates(this.#declared)));
    this.#cached = undefined;
  }

  /**
   * Folds another metric of this class, or the {@link Metric.metricState} of one in another thread, into this one. `updateCount`: the
   * updates behind such states; only states reduced by `mean` need it. Throws `bad-metric` for states of another kind.
   */
  mergeState(other: this | Readonly<MetricStates>, updateCount = 1): void {
    const call = this.quote('mergeState');
    if (this.fullStateUpdate || !this.#canMerge())
      throw new LogError('bad-metric', `${call}: this metric depends on the order of its batches, so two of it cannot be merged.`);
    this.#detach();
    this.#forgetBatch();
    const gathered = this.#gathered;
    const counts = { into: gathered.updateCount, from: updateCount };
    let from = other as Readonly<MetricStates>; // unless it is a metric
    let reads: Promise<void> | undefined;
    if (other instanceof Metric) {
      if (other.constructor !== this.constructor)
        throw new LogError('bad-metric', `${call}: got a ${other.constructor.name}. Merge metrics of one class.`);
      const theirs: Accumulator = other.#gathered;
      counts.from = theirs.updateCount;
      reads = other.#inTurn(theirs, () => (from = copyStates(theirs.states)));
    } else {
      checkStates(this.#declared, gathered.states, from, call);
    }
    void this.#commit(gathered, counts.from, (): Promise<void> | undefined =>
      gathered.inTurn(reads, () => this.mergeStates(asDeclared<States>(gathered.states), asDeclared<States>(from), counts)),
    );
  }

  override clone(): this {
    // Options were checked when this one was made.
    const twin = Reflect.construct(Metric, [this.#options, Object.keys(this.#options)], this.constructor) as this; // of the same class
    this.copyFieldsTo(twin);
    twin.#declared = this.#declared;
    twin.#gathered = this.#gathered.copy();
    twin.#device = this.#device;
    return twin;
  }

  /**
   * As `update` within a collection: follows one with the same key that has just been updated, if both began together.
   * @internal
   */
  updateAmong(leaders: Leader[], collection: object, args: Args): void {
    if (this.#leader(leaders, collection) !== undefined) return this.#forgetBatch();
    this.#update(args);
    leaders.push({ key: this.updateKey, gathered: this.#gathered });
  }

  /**
   * As `forward` within a collection.
   * @internal
   */
  forwardAmong(leaders: Leader[], collection: object, args: Args): Promise<Out> {
    const leader = this.#leader(leaders, collection);
    if (leader?.batch !== undefined) {
      const batch = leader.batch.onDevice === undefined ? leader.batch : { ...leader.batch, onDevice: copyOnDevice(leader.batch.onDevice) };
      this.#forgetBatch();
      return this.#hold(batch);
    }
    const batch = this.#forward(args);
    leaders.push({ key: this.updateKey, gathered: this.#gathered, batch });
    return this.#hold(batch);
  }

  /** The one that has made the update of this call for this one, too; all that lead are looked at, for some may have parted. */
  #leader(leaders: readonly Leader[], collection: object): Leader | undefined {
    const leader =
      this.updateKey === undefined
        ? undefined
        : (leaders.find((other) => other.gathered === this.#gathered) ?? this.#follow(leaders, collection));
    if (leader === undefined && this.#gathered.sharedIn !== collection) this.#detach();
    return leader;
  }

  /** Joins one whose only update since the beginning is the one that this one is to make now. */
  #follow(leaders: readonly Leader[], collection: object): Leader | undefined {
    if (this.#gathered.updateCount > 0) return undefined;
    const leader = leaders.find(({ key, gathered }) => key === this.updateKey && gathered.updateCount === 1);
    if (leader === undefined) return undefined;
    leader.gathered.sharedIn = collection;
    leader.gathered.holders += 1;
    this.#replace(leader.gathered);
    return leader;
  }

  /** Parts from metrics that share what was gathered. */
  #detach(): void {
    if (this.#gathered.holders > 1) this.#replace(this.#gathered.copy());
  }

  #replace(gathered: Accumulator): void {
    this.#gathered.leave();
    this.#gathered = gathered;
  }

  #forgetBatch(): void {
    this.#batchValue = undefined;
    this.#dropBatch?.();
    this.#dropBatch = undefined;
  }

  #canMerge(): boolean {
    return this.mergeStates !== Metric.prototype.mergeStates || canMerge(this.#declared);
  }

  #update(args: Args): void {
    this.#forgetBatch();
    const gathered = this.#gathered;
    const onDevice = this.#countOnDevice(args);
    void this.#commit(gathered, 1, () =>
      onDevice === undefined
        ? this.#take(gathered, args, (taken) => this.updateState(asDeclared<States>(gathered.states), ...taken))
        : gathered.addOnDevice(onDevice),
    );
  }

  #countOnDevice(args: Args): OnDevice | undefined {
    const ops = this.#device;
    if (ops === undefined || !args.some((arg) => ops.owns(arg))) return undefined;
    const state = this.updateOnDevice(ops, ...args);
    return state && { ops, state };
  }

  /** Gathers a batch, and keeps its own states. */
  #forward(args: Args): Batch {
    this.#forgetBatch();
    const gathered = this.#gathered;
    const onDevice = this.#countOnDevice(args);
    if (onDevice !== undefined) {
      void this.#commit(gathered, 1, () => gathered.addOnDevice(copyOnDevice(onDevice)));
      return { gathered, onDevice };
    }
    const states = initialStates(this.#declared);
    const counts = { into: gathered.updateCount, from: 1 };
    const apply = (taken: TakenArgs<Args>): void => {
      this.updateState(asDeclared<States>(states), ...taken);
      if (this.fullStateUpdate || !this.#canMerge()) this.updateState(asDeclared<States>(gathered.states), ...taken);
      else this.mergeStates(asDeclared<States>(gathered.states), asDeclared<States>(states), counts);
    };
    try {
      return { gathered, states, done: this.#commit(gathered, 1, () => this.#take(gathered, args, apply)) };
    } catch (thrown) {
      gathered.failure ??= thrown;
      const done = Promise.reject<void>(thrown); // oxlint-disable-line prefer-promise-reject-errors
      done.catch(() => {});
      return { gathered, states, done };
    }
  }

  /** Computes the value of a batch when it is asked for. */
  #hold(batch: Batch): Promise<Out> {
    const value = new LazyPromise(
      batch.onDevice === undefined ? (): Promise<Out> => this.#valueHere(batch) : this.#valueOnDevice(batch.onDevice),
    );
    this.#batchValue = (): Promise<Out> => value;
    return value;
  }

  async #valueHere({ gathered, states = {}, done }: Batch): Promise<Out> {
    try {
      await done;
    } catch (thrown) {
      // Told here, so `compute` need not.
      if (gathered.failure === thrown) gathered.failure = undefined;
      throw thrown;
    }
    return this.computeState(asDeclared<States>(states));
  }

  #valueOnDevice(onDevice: OnDevice): () => Promise<Out> {
    let isDropped = false;
    const drop = (): void => {
      isDropped = true;
      onDevice.ops.release(onDevice.state);
    };
    this.#dropBatch = drop;
    return async () => {
      if (isDropped) {
        const found = 'the value of a batch was asked for after the next batch, or after a reset';
        throw new LogError('bad-metric', `${this.quote('forward')}: ${found}. Await it, or log the metric, before that.`);
      }
      if (this.#dropBatch === drop) this.#dropBatch = undefined;
      return this.computeState(this.statesFromDevice(await readSums(onDevice)));
    };
  }

  /** Gives the arguments to `apply` in the order of the calls: at once, or when the tensors among them have been read. */
  #take(gathered: Accumulator, args: Args, apply: (taken: TakenArgs<Args>) => void): Promise<void> | undefined {
    const call = this.quote('update');
    const device = this.#device;
    const act = (taken: readonly unknown[]): void => apply(taken as unknown as TakenArgs<Args>); // one for each
    if (!gathered.isWaiting && !args.some((arg) => isShapedTensor(arg) || device?.owns(arg) === true)) {
      const arrays = args.map((arg) => toNdArray(arg, call));
      applyTo(act, arrays, this.updateState.length - 1, call);
      return undefined;
    }
    let taken: unknown[] = [];
    const reads = readArgs(args, device, call).then((read) => (taken = read));
    return gathered.inTurn(reads, () => applyTo(act, taken, this.updateState.length - 1, call));
  }

  /** Counts updates once they are taken; takes them back if what had to be read does not fit. */
  #commit(gathered: Accumulator, updates: number, take: () => Promise<void> | undefined | void): Promise<void> | undefined {
    const turn = take() ?? undefined;
    gathered.updateCount += updates;
    gathered.version += 1;
    turn?.catch((thrown: unknown) => {
      gathered.updateCount -= updates;
      gathered.failure ??= thrown;
    });
    return turn;
  }

  async #compute(gathered: Accumulator): Promise<Out> {
    const values: Out[] = [];
    await this.#inTurn(gathered, () => {
      gathered.throwFailure();
      values.push(this.computeState(asDeclared<States>(gathered.states)));
    });
    return values[0] as Out; // pushed above, or thrown
  }

  /** Does the work when everything before it has been read, sums on the device included. */
  #inTurn(gathered: Accumulator, work: () => void): Promise<void> | undefined {
    let sums: Float64Array | undefined;
    const reads = gathered.takeOffDevice()?.then((read) => (sums = read));
    return gathered.inTurn(reads, () => {
      // Sums have no use for counts.
      if (sums !== undefined) this.mergeStates(asDeclared<States>(gathered.states), this.statesFromDevice(sums), { into: 1, from: 1 });
      work();
    });
  }
}
