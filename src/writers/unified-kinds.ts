import type { Loggable } from '../core/log-options.ts';
import type { FigureSource, ImageSource, NumberData, TableData } from '../core/record-verbs.ts';
import type { Json } from '../core/run-info.ts';
import type { TensorLike } from '../core/tensor-like.ts';
import type { DatasetSource } from './dataset.ts';
import type { ModelLike } from './model-like.ts';

/** What each kind of item is. */
export interface UnifiedItems {
  /** A number, a tensor of one value, or a metric object. */
  readonly metric: Loggable;
  /** A hyperparameter. */
  readonly param: Json;
  readonly text: string;
  /** Kept as a file of JSON text. */
  readonly dict: Readonly<Record<string, unknown>>;
  readonly image: ImageSource;
  readonly figure: FigureSource;
  readonly audio: NumberData;
  readonly histogram: NumberData;
  readonly table: TableData;
  /** Kept as a file that NumPy reads. */
  readonly tensor: TensorLike & { readonly shape: readonly number[] };
  /** The same as `tensor`, by itwinai's name. A model is kept as `model` is. */
  readonly torch: (TensorLike & { readonly shape: readonly number[] }) | ModelLike;
  /** A file; anything else is kept as JSON text. */
  readonly artifact: unknown;
  /** Topology and weights, as `tf.loadLayersModel` reads them. */
  readonly model: ModelLike;
  /** The same, and noted as the run's best. */
  readonly best_model: ModelLike;
  /** What it holds is described: shapes, counts, SHA-256. */
  readonly dataset: DatasetSource;
  /** Its weights become histograms, every so many steps. */
  readonly watch: ModelLike;
  /** Floating-point operations: a number, or a model, whose dense and convolutional layers are counted for one sample. */
  readonly flops: number | ModelLike;
  /** The same for a batch: a model and the number of its samples. */
  readonly flops_pb: number | readonly [model: ModelLike, samples: number];
  /** The same for an epoch. */
  readonly flops_pe: number | readonly [model: ModelLike, samples: number];
  /** Numbers about the machine by name; without an item what the browser tells of memory and storage. */
  readonly system: Readonly<Record<string, number>> | undefined;
  /** Seconds; without an item those since logging began. */
  readonly execution_time: number | undefined;
  /** Grams of CO₂, or what they follow from: a page cannot measure power. Seconds are those since logging began by default. */
  readonly carbon: number | { readonly watts: number; readonly gramsPerKWh: number; readonly seconds?: number };
  /** W3C PROV-JSON of the run and a picture of it. */
  readonly prov_documents: undefined;
}

/** The kinds of items: those of itwinai, and `audio`, `histogram`, `table`, `tensor`. */
export type UnifiedKind = keyof UnifiedItems;
