// One block of a file of points, little-endian:
//   0  'T' 'T' 'P' 1
//   4  u32  points in it, 1 to 65,536
//   8  u32  generation
//  12  u8 × 5  form of tag, step, epoch, wall time, value; then three zero bytes
//  20  the five columns, one behind the other
// Forms: 0 = a number each (tags u32, others f64), 1 = one number for all (u32, f64), 2 = a small number each (tags u16, others i32)

/** Points in columns of equal length. `tag` holds numbers of a list of tags. */
export interface BlockColumns {
  readonly tag: Uint32Array;
  readonly step: Float64Array;
  readonly epoch: Float64Array;
  readonly wallTime: Float64Array;
  readonly value: Float64Array;
}

/** What the beginning of a block says. */
export interface BlockHead {
  readonly rows: number;
  readonly generation: number;
  readonly forms: readonly number[];
  /** Bytes of the block, its head included. */
  readonly bytes: number;
}

/** Points of a block, at most. */
export const blockRows = 65_536;
/** Bytes of the beginning of a block. */
export const blockHeadBytes = 20;

const mark = 0x0150_5454;
const names = ['tag', 'step', 'epoch', 'wallTime', 'value'] as const;
const tagKinds = [Uint32Array, Uint32Array, Uint16Array] as const;
const numberKinds = [Float64Array, Float64Array, Int32Array] as const;

/** Writes one block. Lossless but for the bits within a NaN. */
export function writeBlock(columns: BlockColumns, generation: number): Uint8Array<ArrayBuffer> {
  const rows = columns.tag.length;
  const packed = names.map((name) => (name === 'tag' ? packTags(columns.tag) : packNumbers(columns[name])));
  const block = new Uint8Array(packed.reduce((sum, { bytes }) => sum + bytes.byteLength, blockHeadBytes));
  const view = new DataView(block.buffer);
  view.setUint32(0, mark, true);
  view.setUint32(4, rows, true);
  view.setUint32(8, generation, true);
  let at = blockHeadBytes;
  for (const [i, { form, bytes }] of packed.entries()) {
    block[12 + i] = form;
    block.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), at);
    at += bytes.byteLength;
  }
  return block;
}

/** Reads the beginning of a block. Throws an `Error` in words when it is none. */
export function readBlockHead(head: Uint8Array): BlockHead {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < blockHeadBytes || view.getUint32(0, true) !== mark) throw new Error('no block of points where one should begin');
  const rows = view.getUint32(4, true);
  const forms = [...head.subarray(12, 17)];
  if (rows === 0 || rows > blockRows || forms.some((form) => form > 2))
    throw new Error(`a block of ${rows} points in forms ${forms.join(', ')}`);
  const bytes = forms.reduce((sum, form, i) => sum + columnBytes(i, form, rows), blockHeadBytes);
  return { rows, generation: view.getUint32(8, true), forms, bytes };
}

/** The points of a block of which `head` is the beginning. Throws an `Error` when bytes are missing. */
export function readBlock(block: Uint8Array, { rows, forms, bytes }: BlockHead): BlockColumns {
  if (block.length !== bytes) throw new Error(`a block of ${block.length} bytes, need ${bytes}`);
  let at = blockHeadBytes;
  const read = (i: number): Uint32Array | Float64Array => {
    const form = forms[i]!;
    const size = columnBytes(i, form, rows);
    const own = block.slice(at, at + size).buffer;
    at += size;
    const stored = new (kindOf(i, form))(own);
    const wide = i === 0 ? new Uint32Array(rows) : new Float64Array(rows);
    if (form === 1) return wide.fill(stored[0]!);
    wide.set(stored);
    return wide;
  };
  const [tag, step, epoch, wallTime, value] = names.map((_, i) => read(i));
  // The first is read as numbers of tags, the others as doubles.
  return { tag, step, epoch, wallTime, value } as BlockColumns;
}

interface Packed {
  readonly form: number;
  readonly bytes: Uint32Array | Uint16Array | Int32Array | Float64Array;
}

function packTags(tag: Uint32Array): Packed {
  if (tag.every((number) => number === tag[0])) return { form: 1, bytes: tag.slice(0, 1) };
  return tag.every((number) => number < 0x1_0000) ? { form: 2, bytes: Uint16Array.from(tag) } : { form: 0, bytes: tag };
}

function packNumbers(column: Float64Array): Packed {
  const [first = 0] = column;
  if (column.every((number) => Object.is(number, first))) return { form: 1, bytes: column.slice(0, 1) };
  return column.every((number) => Object.is(number, number | 0)) ? { form: 2, bytes: Int32Array.from(column) } : { form: 0, bytes: column };
}

function kindOf(column: number, form: number): (typeof tagKinds | typeof numberKinds)[number] {
  return (column === 0 ? tagKinds : numberKinds)[form]!;
}

function columnBytes(column: number, form: number, rows: number): number {
  return kindOf(column, form).BYTES_PER_ELEMENT * (form === 1 ? 1 : rows);
}
