import { damaged, verify } from './column-record.ts';
import { type ColumnWidth, forms, type PackedColumn, readColumn } from './columns.ts';
import type { OpenedChunk } from './points.ts';

// The first form of a chunk, which knew its tags by their names and is written no more:
//   0  'T' 'T' 'J'  version
//   4  u32  checksum of everything after it
//   8  u32  points      12  u32  tags      16  u32  bytes of all tag names
//  20  u8   names: 0 UTF-8, 1 UTF-16
//  21  u8   bytes a value of the columns tag, step, epoch, wall time (float64 values need no plan)
//  32  f64  base of step, epoch, wall time (in milliseconds)
//  56  f64  values; then wall time, step, epoch, tag, each aligned to its width; u32 length of each name; names; zeros to 4
const headBytes = 56;

/** Looks through a chunk of version 1. Throws `bad-data` when it is cut or altered. */
export function openChunkV1(bytes: ArrayBuffer): OpenedChunk {
  if (bytes.byteLength < headBytes) throw damaged('chunk', `it has ${bytes.byteLength} bytes, its head alone has ${headBytes}`);
  const view = new DataView(bytes);
  const points = view.getUint32(8, true);
  const tagCount = view.getUint32(12, true);
  const nameBytes = view.getUint32(16, true);
  let offset = headBytes;
  const column = (width: number, perUnit: number, base: number): PackedColumn => {
    if (![0, 1, 2, 4, 8].includes(width)) throw damaged('chunk', 'its widths make no sense');
    if (width > 0) offset = Math.ceil(offset / width) * width;
    const form = width === 8 ? forms.floats : forms.offsets;
    const packed = { rows: points, form, width: width as ColumnWidth, perUnit, base, buffer: bytes, offset }; // it was looked at
    offset += width * points;
    return packed;
  };
  const value = column(8, 1, 0);
  const wallTime = column(view.getUint8(24), 1000, view.getFloat64(48, true));
  const step = column(view.getUint8(22), 1, view.getFloat64(32, true));
  const epoch = column(view.getUint8(23), 1, view.getFloat64(40, true));
  const tag = column(view.getUint8(21), 1, 0);
  const lengthsAt = Math.ceil(offset / 4) * 4;
  const end = Math.ceil((lengthsAt + 4 * tagCount + nameBytes) / 4) * 4;
  if (end !== bytes.byteLength) throw damaged('chunk', `it has ${bytes.byteLength} bytes, its head speaks of ${end}`);
  if (view.getUint32(4, true) !== firstChecksum(bytes)) verify('chunk', bytes);
  return {
    points,
    tags: (numberOf) => {
      const numbers = readNames(bytes, lengthsAt, tagCount, view.getUint8(20)).map((name) => {
        const number = numberOf(name);
        if (number === undefined) throw damaged('chunk', `the run has no tag '${name}'`);
        return number;
      });
      return Uint32Array.from(readColumn(tag), (index) => {
        const number = numbers[index];
        if (number === undefined) throw damaged('chunk', `a point has tag ${index} of ${tagCount}`);
        return number;
      });
    },
    columns: (rows) => ({
      step: readColumn(step, rows),
      epoch: readColumn(epoch, rows),
      wallTime: readColumn(wallTime, rows),
      value: readColumn(value, rows),
    }),
  };
}

function readNames(bytes: ArrayBuffer, lengthsAt: number, count: number, kind: number): readonly string[] {
  let offset = lengthsAt + 4 * count;
  // Names with half a surrogate pair, which has no UTF-8, are kept as UTF-16.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return Array.from(new Uint32Array(bytes, lengthsAt, count), (length) => {
    const name = bytes.slice(offset, (offset += length));
    return kind === 0 ? decoder.decode(name) : Array.from(new Uint16Array(name), (unit) => String.fromCharCode(unit)).join('');
  });
}

// The chunks of the first day had another: two running sums over the words after it.
function firstChecksum(bytes: ArrayBuffer): number {
  let sum = 1;
  let sumOfSums = 0;
  for (const word of new Uint32Array(bytes, 8)) {
    sum = (sum + word) | 0;
    sumOfSums = (sumOfSums + sum) | 0;
  }
  return (sum ^ Math.imul(sumOfSums, 0x9e37_79b1)) >>> 0;
}
