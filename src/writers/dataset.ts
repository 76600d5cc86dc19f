import { isPlainObject } from '../core/config.ts';
import { describe, LogError } from '../core/errors.ts';
import type { Json } from '../core/run-info.ts';
import { isTensorLike, readTensorValues, type TensorLike } from '../core/tensor-like.ts';

type Column = TensorLike | Float32Array | Float64Array | Int32Array | Uint8Array;

/** Data to describe: columns by name, a list of them, or one; also a description that is there already, as plain data. */
export type DatasetSource = Column | readonly Column[] | Readonly<Record<string, Column | Json>>;

/** Shape, type, count and SHA-256 of each column; plain values as they are. The hash is left out where the page has no WebCrypto. */
export async function describeDataset(source: unknown, call: string): Promise<Readonly<Record<string, Json>>> {
  const columns: Readonly<Record<string, unknown>> = isColumn(source)
    ? { data: source }
    : Array.isArray(source)
      ? Object.fromEntries(source.map((column, i) => [String(i), column]))
      : isPlainObject(source)
        ? source
        : refuse(source, call);
  const described: Record<string, Json> = {};
  for (const [name, column] of Object.entries(columns)) {
    described[name] = isColumn(column) ? await describeColumn(column, call) : (column as Json); // checked when it is stored
  }
  return described;
}

function isColumn(value: unknown): value is Column {
  return isTensorLike(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

async function describeColumn(column: Column, call: string): Promise<Json> {
  const values = isTensorLike(column) ? await readTensorValues(column, call) : column;
  const shape = 'shape' in column ? [...(column.shape as readonly number[])] : [values.length]; // tensors have one
  const bytes = ArrayBuffer.isView(values) ? values : Float64Array.from(values);
  const sha256 = await hashOf(bytes);
  return {
    shape,
    dtype: 'dtype' in column ? String(column.dtype) : bytes.constructor.name,
    count: shape[0] ?? 1,
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

async function hashOf(view: ArrayBufferView): Promise<string | undefined> {
  // Only secure pages have it.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return undefined;
  const digest = await subtle.digest('SHA-256', new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function refuse(source: unknown, call: string): never {
  throw new LogError(
    'bad-value',
    `${call}: got ${describe(source)}, need tensors or typed arrays by name, or a description as plain data.`,
  );
}
