import type { Metrics, ModelGraph } from './logger.ts';
import type { RecordKind } from './records.ts';
import type { TensorLike } from './tensor-like.ts';

/** At which moment something beside numbers is logged. */
export interface RecordOptions {
  /** Default: the step and epoch of the moment. */
  readonly step?: number;
}

/** Numbers in a row, or a tensor that is read back later; it may be disposed of right after the call. */
export type NumberData = ArrayLike<number> | TensorLike;

/** Pixels as numbers: what a tensor of TensorFlow.js is, or plain arrays with their shape. */
export type PixelData =
  | (TensorLike & { readonly shape: readonly number[] })
  | { readonly values: ArrayLike<number>; readonly shape: readonly number[] };

/** Everything that can be made into an image. */
export type ImageSource = PixelData | ImageData | ImageBitmap | Blob | HTMLCanvasElement | OffscreenCanvas;

export interface ImageOptions extends RecordOptions {
  /**
   * The meaning of the dimensions of pixels. Default `HWC`, or `HW` for two dimensions; `NHWC` for `logImages`. Floats are taken as
   * 0…1, bytes and integers as 0…255; what lies outside is clamped, with one warning.
   */
  readonly dataformats?: 'HWC' | 'CHW' | 'HW' | 'NHWC' | 'NCHW';
  /** Shown below the image. */
  readonly caption?: string;
}

export interface AudioOptions extends RecordOptions {
  /** Hz. Default 44,100. */
  readonly sampleRate?: number;
}

export interface HistogramOptions extends RecordOptions {
  /**
   * Equal bins from the smallest to the largest value, the edges themselves, or `tensorflow`, the edges of tensorboardX. Default:
   * TensorBoard's 30 buckets.
   */
  readonly bins?: number | readonly number[] | 'tensorflow';
}

/** A table: names of columns and rows of cells. */
export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

/** A picture of a chart: a canvas or image as it is now, or the plain configuration of a Chart.js chart, drawn when it is shown. */
export type FigureSource = ImageSource | { readonly type: string; readonly data: unknown; readonly options?: unknown };

/** The verbs for everything beside numbers, the same on a run, in hooks and in callbacks. All return at once. */
export interface RecordVerbs {
  /** Markdown is kept as text and never run as markup. */
  logText(tag: string, text: string, options?: RecordOptions): void;
  logImage(tag: string, image: ImageSource, options?: ImageOptions): void;
  /** A batch of images as one picture with a grid of them; all of one size. */
  logImages(tag: string, images: PixelData | readonly ImageSource[], options?: ImageOptions & { readonly columns?: number }): void;
  /** One channel, or `(frames, channels)` as a tensor of two dimensions; values in −1…1, others are clipped with one warning. */
  logAudio(tag: string, samples: NumberData, options?: AudioOptions): void;
  logHistogram(tag: string, values: NumberData, options?: HistogramOptions): void;
  logTable(
    tag: string,
    table: TableData | readonly Readonly<Record<string, string | number | boolean | null>>[],
    options?: RecordOptions,
  ): void;
  logFigure(tag: string, figure: FigureSource, options?: RecordOptions): void;
  /** Hyperparameters, added to those the run has, and the metrics to compare runs by. Plain data. */
  logHyperparams(params: Readonly<Record<string, unknown>>, metrics?: Metrics): void;
  logGraph(graph: ModelGraph): void;
  /** Something that happened, with plain data about it: `event('learning rate halved', { lr })`. */
  event(name: string, data?: unknown): void;
  /** Something a person should know; also an `alert` event of the trainer. Default level `info`. */
  alert(title: string, text: string, level?: 'info' | 'warn' | 'error'): void;
  /** Calls `act` on each `n`-th step, the first included, so that its values are not even computed on the others. */
  every(n: number, act: () => void): void;
  /** True when a logger, the store included, takes records of this kind. */
  supports(kind: RecordKind | 'scalar' | 'hyperparams' | 'graph'): boolean;
}

/** Their names. */
export const recordVerbs: readonly (keyof RecordVerbs)[] = [
  'logText',
  'logImage',
  'logImages',
  'logAudio',
  'logHistogram',
  'logTable',
  'logFigure',
  'logHyperparams',
  'logGraph',
  'event',
  'alert',
  'every',
  'supports',
];
