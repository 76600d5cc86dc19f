import { describe, LogError } from '../core/errors.ts';

/** What is used of a tensor of the page. */
export interface PageTensor {
  readonly size: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly isDisposed: boolean;
  data(): Promise<ArrayLike<number>>;
  dataSync(): ArrayLike<number>;
  dispose(): void;
}

/**
 * The page's own TensorFlow.js, as far as it is used here: `import * as tf from '@tensorflow/tfjs'`, or the global that its script
 * makes. Described by its shape, so that nothing has to be installed or bundled a second time.
 */
export interface PageTf {
  readonly Tensor: { readonly prototype: object };
  readonly Variable: { readonly prototype: object };
  readonly CustomCallback: { readonly prototype: object };
  tidy(act: never): unknown;
  keep(tensor: never): unknown;
  clone(tensor: never): unknown;
  cast(tensor: never, dtype: 'float32'): unknown;
  reshape(tensor: never, shape: number[]): unknown;
  concat(tensors: never, axis: number): unknown;
  getBackend(): string;
}

/** The same, as it is called here. */
export interface KnownTf {
  readonly Tensor: abstract new () => PageTensor;
  readonly Variable: { readonly prototype: object };
  readonly CustomCallback: new (handlers: object, yieldEvery?: unknown) => PageCallback;
  tidy<T>(act: () => T): T;
  keep(tensor: PageTensor): PageTensor;
  clone(tensor: PageTensor): PageTensor;
  cast(tensor: PageTensor, dtype: 'float32'): PageTensor;
  reshape(tensor: PageTensor, shape: number[]): PageTensor;
  concat(tensors: PageTensor[], axis: number): PageTensor;
  getBackend(): string;
}

/** The names of what TensorFlow.js calls while it trains. */
export const handlerNames = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onBatchBegin', 'onBatchEnd'] as const;

/** An instance of a callback class of TensorFlow.js. */
export type PageCallback = {
  setParams(params: FitParams): void;
  setModel(model: PageModel): void;
  /** Of a `CustomCallback`: how often it yields, with `'auto'` already in milliseconds; `'never'` where another one does. */
  yieldEvery?: unknown;
  /** Of a `CustomCallback`: the `onYield` and `onTrainBegin` it was made with. */
  readonly yield?: unknown;
  trainBegin?: unknown;
} & Record<(typeof handlerNames)[number], (...args: unknown[]) => unknown>;

/** What a fit tells its callbacks about itself. */
export interface FitParams {
  readonly epochs?: number | null;
  readonly batchSize?: number | null;
}

/** What is used of the model that is trained. */
export interface PageModel {
  readonly optimizer?: { readonly learningRate?: unknown; getClassName?(): string };
  readonly loss?: unknown;
  readonly weights: readonly { readonly name: string; read(): PageTensor }[];
  /** `stopTraining` was set. */
  readonly stopTraining_?: boolean;
  isTraining?: boolean;
}

/** The page's TensorFlow.js: what was passed, or the global. Throws `missing-peer`, `bad-options`. */
export function findTf(given: unknown): KnownTf {
  const tf: unknown = given ?? (globalThis as { readonly tf?: unknown }).tf; // a script of TensorFlow.js puts it there
  if (tf === undefined) {
    throw new LogError(
      'missing-peer',
      "fitCallback(run): there is no global tf in this page. Pass the TensorFlow.js that trains: fitCallback(run, { tf }), with import * as tf from '@tensorflow/tfjs'.",
    );
  }
  const { CustomCallback, Tensor, tidy } = Object(tf) as Partial<KnownTf>; // looked at on the next line
  if (typeof CustomCallback !== 'function' || typeof Tensor !== 'function' || typeof tidy !== 'function') {
    throw new LogError(
      'bad-options',
      `fitCallback(run, { tf: ${describe(tf)} }): need all of TensorFlow.js, with its layers, as '@tensorflow/tfjs' gives it.`,
    );
  }
  return tf as KnownTf; // it has the classes; the functions come with them
}
