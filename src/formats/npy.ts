/** Numbers as NumPy keeps them. */
export type NpyValues = Float32Array | Float64Array | Int32Array | Uint8Array;

/**
 * A `.npy` file, version 1.0: little endian, rows first. The header is padded so that the numbers begin at a multiple of 64 bytes, as the
 * format says.
 */
export function encodeNpy(values: NpyValues, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const type =
    values instanceof Float32Array ? '<f4' : values instanceof Float64Array ? '<f8' : values instanceof Int32Array ? '<i4' : '|u1';
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + values.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(header.padEnd(length - 11) + '\n'), 10);
  // Every processor that browsers run on is little endian.
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), length);
  return bytes;
}
