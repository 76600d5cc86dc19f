/**
 * Numbers of a metric that lie on the accelerator and add up: one short vector, e.g. the cells of a confusion matrix.
 * Made by {@link DeviceOps}, opaque to everybody else.
 */
export interface DeviceState {
  /** How many numbers {@link DeviceOps.read} gives for it. */
  readonly length: number;
}

/** What predictions are made into labels by; the same words as in the options of the metrics. */
export interface DeviceCountOptions {
  /**
   * - `binary`: `preds` and `target` of the same size, in any shape; labels or scores of class 1.
   * - `multiclass`: `target` holds classes; `preds` has its shape (classes), or that with the scores of the classes as axis 1: (N, C, …).
   * - `multilabel`: both (N, L, …), scores or 0 and 1.
   */
  readonly task: 'binary' | 'multiclass' | 'multilabel';
  /** Classes, or labels of `multilabel`. Not looked at for `binary`. */
  readonly numClasses: number;
  /** `binary` and `multilabel`: label 1 if the score is > this, both as float32. Default 0.5. */
  readonly threshold?: number | undefined;
  /** Samples (`multilabel`: elements) with this target are left out. Default: none. */
  readonly ignoreIndex?: number | undefined;
  /**
   * `statScores` of `multiclass` scores: the target counts as predicted if it is among the k best (of equal scores the
   * class with the lower number is better), else the best one does. Default 1.
   */
  readonly topK?: number | undefined;
  /**
   * `binary` and `multilabel` scores, and `binnedCounts` of `multiclass`: true takes sigmoid (softmax) first, false takes
   * them as probabilities. Default: probabilities if all scores of the batch lie in [0, 1].
   */
  readonly fromLogits?: boolean | undefined;
}

/** As {@link DeviceCountOptions}, for curves. */
export interface DeviceBinOptions extends Omit<DeviceCountOptions, 'threshold' | 'topK'> {
  /** Ascending. A score reaches a threshold if it is ≥, both as float32. */
  readonly thresholds: Float32Array;
}

/**
 * Counting where the predictions lie, so that only a few sums are read back. The counts are whole numbers and equal
 * those of the metrics' own loops, however many samples are added up; but a GPU may take scores below 1.2e-38 for 0, and
 * softmax, which `binnedCounts` of `multiclass` logits needs, rounds as the device does it.
 *
 * Every counting method takes tensors as they are (shape, any numeric type), never reads them, and leaves them to their
 * owner. It returns undefined for what it cannot count, and then the caller reads the tensors instead. Targets (or
 * predicted classes) that are no class are found when the state is read: see {@link DeviceOps.read}.
 */
export interface DeviceOps<T = unknown> {
  /** Shown in messages: `tfjs`. */
  readonly name: string;
  /** True for a tensor that these operations can count. */
  owns(value: unknown): value is T;
  shapeOf(value: T): readonly number[];
  /**
   * Counts by true and predicted class: `[numClasses, numClasses]` with the truth as rows, for `binary` `[2, 2]`, for
   * `multilabel` `[numLabels, 2, 2]`; row by row.
   */
  confusion(preds: T, target: T, options: DeviceCountOptions): DeviceState | undefined;
  /**
   * True positives, false positives, true negatives, false negatives: `[4, numClasses]` in this order, row by row; for
   * `binary` `[4]`.
   */
  statScores(preds: T, target: T, options: DeviceCountOptions): DeviceState | undefined;
  /**
   * Histogram of scores between thresholds: `[numClasses, 2, thresholds + 1]`, row by row, for `binary` `[2, thresholds + 1]`.
   * The middle axis is the target (of `multiclass`: 1 if it is this class), the last one how many thresholds a score reaches.
   */
  binnedCounts(preds: T, target: T, options: DeviceBinOptions): DeviceState | undefined;
  /** `[n, Σ(p − t)², Σ|p − t|]` over all elements of two tensors of the same size; sums as exact as float32 allows. */
  errorSums(preds: T, target: T): DeviceState | undefined;
  /** All values of a tensor as float32, flat, to be read later together with other states. Not to be added up. */
  keep(value: T): DeviceState;
  /** The sum. Takes both: neither is used or released afterwards. */
  add(a: DeviceState, b: DeviceState): DeviceState;
  /** One more of the same, released on its own. */
  copy(state: DeviceState): DeviceState;
  /**
   * Reads states, in order; calls made in the same turn share one device round trip. The states stay, and may be released
   * before the promise settles. Rejects with `bad-metric` if a target or a predicted class was outside the classes, with
   * `device-lost` if the accelerator is gone.
   */
  read(states: readonly DeviceState[]): Promise<Float64Array[]>;
  release(state: DeviceState): void;
}
