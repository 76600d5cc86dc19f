import * as metrics from '../../../src/metrics/index.ts';
import { camelCase, type Kept, restored } from './fixtures.ts';

/** The values of this option are names, too. */
const named = 'multioutput';

/** A metric to build: a class with options, one around another, or several under names. */
export interface MetricSpec {
  readonly class?: string;
  readonly options?: { readonly [key: string]: Kept };
  readonly metric?: MetricSpec;
  readonly metrics?: readonly MetricSpec[] | { readonly [name: string]: MetricSpec };
}

/** One case of `test/interop/generate/metrics.py`. */
export interface MetricCase extends MetricSpec {
  readonly name: string;
  readonly batches: readonly (readonly Kept[])[];
  readonly forward: readonly Kept[];
  readonly compute: Kept;
  /** After `update` alone, where that is not the same. */
  readonly updated?: Kept;
  readonly merged?: Kept;
  readonly sklearn?: Kept;
}

/** What a replay needs of a metric or of a collection. */
export interface Replayed {
  forward(...args: readonly unknown[]): Promise<unknown>;
  update(...args: readonly unknown[]): void;
  compute(): Promise<unknown>;
  mergeState?(other: unknown): void;
}

type MetricClass = new (...args: readonly unknown[]) => Replayed;

/** Front doors by task, which are functions here and classes in torchmetrics. */
const byTask = new Set(['Accuracy', 'Precision', 'Recall', 'F1Score', 'Specificity', 'HammingDistance', 'JaccardIndex']);

/** Builds what a case describes. Throws when there is no such metric. */
export function build(spec: MetricSpec): Replayed {
  const exported = metrics as unknown as Readonly<Record<string, unknown>>; // by name, as the fixture gives it
  const options = optionsOf(spec);
  if (spec.metrics !== undefined) {
    const members = Array.isArray(spec.metrics)
      ? spec.metrics.map(build)
      : Object.fromEntries(Object.entries(spec.metrics).map(([name, member]) => [name, build(member)]));
    return new (exported['MetricCollection'] as MetricClass)(members, options);
  }
  const name = spec.class ?? '';
  if (byTask.has(name)) return (exported[name[0]!.toLowerCase() + name.slice(1)] as (given: unknown) => Replayed)(options);
  const found = exported[name];
  if (typeof found !== 'function') throw new Error(`There is no metric ${name}.`);
  const Found = found as MetricClass;
  return spec.metric === undefined ? new Found(options) : new Found(build(spec.metric), options);
}

function optionsOf(spec: MetricSpec): Record<string, unknown> {
  const { options = {} } = spec;
  return Object.fromEntries([
    ...Object.entries(options).map(([key, value]) => [camelCase(key), key === named ? camelCase(String(value)) : restored(value)]),
    // Warnings are no part of the comparison; metrics around others have none of their own.
    ...(spec.metric === undefined ? [['onWarning', (): void => {}] as const] : []),
  ]);
}

/** The arguments of a batch, typed arrays where they have one axis. */
export function argsOf(batch: readonly Kept[]): unknown[] {
  return batch.map((kept) => {
    const value = restored(kept);
    return Array.isArray(value) && value.every((item) => typeof item === 'number') ? Float64Array.from(value) : value;
  });
}

/** A result as torchmetrics gives it: lists of lists; curves as their columns. */
export function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return [...(value as Float64Array)]; // metrics give no other view
  if (Array.isArray(value)) {
    // The one curve of an average comes in a list, too.
    if (value.length === 1 && isCurve(value[0])) return plain(value[0]);
    if (value.length > 0 && isCurve(value[0])) return columnsOf(value as Curve[]); // curves come with curves
    return value.map(plain);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isCurve(value)) return Object.values(columns(value)).map(plain);
  if ('values' in value && 'shape' in value) return nested([...(value.values as Float64Array)], value.shape as number[]); // an NdArray
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

interface Curve {
  readonly thresholds: Float64Array;
  readonly fpr?: Float64Array;
  readonly tpr?: Float64Array;
  readonly precision?: Float64Array;
  readonly recall?: Float64Array;
}

function isCurve(value: unknown): value is Curve {
  return typeof value === 'object' && value !== null && 'thresholds' in value;
}

function columns({ fpr, tpr, precision, recall, thresholds }: Curve): Record<string, unknown> {
  return fpr === undefined ? { precision, recall, thresholds } : { fpr, tpr, thresholds };
}

function columnsOf(curves: readonly Curve[]): unknown[][] {
  const rows = curves.map((curve) => Object.values(columns(curve)).map(plain));
  return [0, 1, 2].map((column) => rows.map((row) => row[column]));
}

function nested(values: readonly number[], shape: readonly number[]): unknown {
  if (shape.length === 0) return values[0];
  const [size = 0, ...rest] = shape;
  const step = values.length / Math.max(1, size);
  return Array.from({ length: size }, (_, index) => nested(values.slice(index * step, (index + 1) * step), rest));
}
