import type { ProtobufReader } from '../protobuf.ts';

/** A decoded TensorProto: numbers or byte strings, in row-major order. */
export interface TfTensor {
  /** TensorFlow's number of the element type: 1 float32, 2 float64, 3 int32, 7 string, 9 int64, 10 bool. */
  readonly dtype: number;
  /** Empty for one single value. */
  readonly shape: readonly number[];
  /** Empty for strings, and for types this reader does not know. A list of one stands for all elements. */
  readonly numbers: readonly number[];
  /** Empty unless `dtype` is 7. */
  readonly strings: readonly Uint8Array[];
}

/** Reads a TensorProto. */
export function readTensor(reader: ProtobufReader): TfTensor {
  let dtype = 0;
  let shape: number[] = [];
  let content: Uint8Array | undefined;
  const numbers: number[] = [];
  const strings: Uint8Array[] = [];
  while (reader.next()) {
    if (reader.field === 1) dtype = reader.int();
    else if (reader.field === 2) shape = readShape(reader.message());
    else if (reader.field === 4) content = reader.bytes();
    else if (reader.field === 5) numbers.push(...reader.floats());
    else if (reader.field === 6) numbers.push(...reader.doubles());
    else if ([7, 10, 11].includes(reader.field)) numbers.push(...reader.integers().map(Number));
    else if (reader.field === 8) strings.push(reader.bytes());
    else reader.skip();
  }
  return { dtype, shape, numbers: content?.length ? elementsOf(dtype, content) : numbers, strings };
}

function readShape(reader: ProtobufReader): number[] {
  const shape: number[] = [];
  while (reader.next()) {
    if (reader.field === 2) shape.push(readDimension(reader.message()));
    else reader.skip();
  }
  return shape;
}

function readDimension(reader: ProtobufReader): number {
  let size = 0;
  while (reader.next()) {
    if (reader.field === 1) size = reader.int();
    else reader.skip();
  }
  return size;
}

// Width in bytes and reader of the element types that occur in scalars.
const elementTypes: Readonly<Record<number, readonly [number, (view: DataView, at: number) => number]>> = {
  1: [4, (view, at) => view.getFloat32(at, true)],
  2: [8, (view, at) => view.getFloat64(at, true)],
  3: [4, (view, at) => view.getInt32(at, true)],
  9: [8, (view, at) => Number(view.getBigInt64(at, true))],
  10: [1, (view, at) => view.getUint8(at)],
};

function elementsOf(dtype: number, content: Uint8Array): number[] {
  const type = elementTypes[dtype];
  if (type === undefined) return [];
  const [width, read] = type;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return Array.from({ length: Math.floor(content.length / width) }, (_, i) => read(view, i * width));
}
