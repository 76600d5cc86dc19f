import { LogError } from '../core/errors.ts';
import {
  columnBytes,
  type Column,
  type ColumnForm,
  type ColumnWidth,
  forms,
  type PackedColumn,
  planColumn,
  readColumn,
  type Rows,
} from './columns.ts';

// One record, in the byte order of the machine (little-endian wherever there is a browser):
//   0  'T' 'T' letter version
//   4  u32  checksum of everything after it
//   8  for each column: u32 rows, u8 form, u8 bytes a number, u16 numbers a unit, f64 base
//      then each column's numbers, every column at a multiple of 8

/** What a record is. */
export interface RecordMark {
  /** One letter. */
  readonly letter: string;
  readonly version: number;
  /** What error messages call it. */
  readonly noun: string;
}

/** The columns of one table of a record, in the order in which they are stored. One that others are `near` comes before them. */
export type TableSpec<Name extends string = string> = Readonly<Record<Name, ColumnSpec>>;

/** How a column is packed; see {@link Column}. */
export interface ColumnSpec {
  readonly perUnit?: number;
  readonly near?: string;
}

/** Columns by their names, all of the same length. */
export type Table<Name extends string> = Readonly<Record<Name, Float64Array>>;

/** A table and what it is packed by. */
export interface FilledTable<Name extends string = string> {
  readonly spec: TableSpec<Name>;
  readonly columns: Readonly<Record<Name, Float64Array | Uint32Array>>;
}

const headBytes = 8;
const columnHeadBytes = 16;

/** Seconds that are kept as whole milliseconds where they are. */
export const milliseconds = 1000;

/** Packs tables into one record that tells what it is and whether it is whole. */
export function packRecord(mark: RecordMark, tables: readonly FilledTable[]): ArrayBuffer {
  const columns = tables.flatMap(({ spec, columns: values }) =>
    Object.entries(spec).map(([name, { perUnit, near }]) => {
      const column: Column = {
        values: values[name] as Float64Array, // a filled table has every column of its spec
        perUnit: perUnit ?? 1,
        near: near === undefined ? undefined : (values[near] as Float64Array), // the same
      };
      return planColumn(column);
    }),
  );
  let size = headBytes + columns.length * columnHeadBytes;
  const offsets = columns.map((column) => {
    const offset = size;
    size = aligned(offset + columnBytes(column));
    return offset;
  });
  const bytes = new ArrayBuffer(size);
  const view = new DataView(bytes);
  view.setUint32(0, markOf(mark, mark.version), true);
  columns.forEach(({ rows, form, width, perUnit, base, write }, index) => {
    const head = headBytes + index * columnHeadBytes;
    view.setUint32(head, rows, true);
    view.setUint8(head + 4, form);
    view.setUint8(head + 5, width);
    view.setUint16(head + 6, perUnit, true);
    view.setFloat64(head + 8, base, true);
    write(bytes, offsets[index] as number); // as many offsets as columns
  });
  view.setUint32(4, checksum(bytes), true);
  return bytes;
}

/** A table within a record that has been looked through. */
export interface PackedTable<Name extends string> {
  readonly rows: number;
  readonly columns: Readonly<Record<Name, PackedColumn>>;
}

/**
 * Looks a record through. Throws `bad-data` when it is cut, altered, something else, of a version this program does not know,
 * or has columns of unequal length.
 */
export function openRecord<Specs extends readonly TableSpec[]>(
  mark: RecordMark,
  bytes: ArrayBuffer,
  specs: Specs,
): { readonly [Index in keyof Specs]: PackedTable<keyof Specs[Index] & string> } {
  const { noun } = mark;
  const names = specs.map((spec) => Object.keys(spec));
  let offset = headBytes + names.flat().length * columnHeadBytes;
  const found = versionOf(mark, bytes);
  if (found !== mark.version) throw otherVersion(mark, found);
  if (bytes.byteLength < offset) throw damaged(noun, `it has ${bytes.byteLength} bytes, its head alone has ${offset}`);
  const view = new DataView(bytes);
  let head = headBytes;
  const tables = names.map((list) => {
    const columns: Record<string, PackedColumn> = {};
    for (const name of list) {
      const column = {
        rows: view.getUint32(head, true),
        form: view.getUint8(head + 4) as ColumnForm, // both are looked at below
        width: view.getUint8(head + 5) as ColumnWidth,
        perUnit: view.getUint16(head + 6, true),
        base: view.getFloat64(head + 8, true),
        buffer: bytes,
        offset,
      };
      columns[name] = column;
      offset = aligned(offset + columnBytes(column));
      head += columnHeadBytes;
    }
    return { rows: columns[list[0] as string]?.rows ?? 0, columns }; // a table has columns
  });
  if (bytes.byteLength !== offset) throw damaged(noun, `it has ${bytes.byteLength} bytes, its head speaks of ${offset}`);
  verify(noun, bytes);
  for (const { rows, columns } of tables) {
    for (const [name, { form, width, rows: length, perUnit }] of Object.entries(columns)) {
      if (length !== rows) throw damaged(noun, `its column ${name} has ${length} rows instead of ${rows}`);
      if (form > forms.floats || ![0, 1, 2, 4, 8].includes(width) || (form === forms.floats ? width < 4 : width > 4) || perUnit === 0)
        throw damaged(noun, `its column ${name} has an unknown form`);
    }
  }
  return tables as unknown as ReturnType<typeof openRecord<Specs>>; // one table for each spec, by the spec's names
}

/** Reads all columns of a table, or some rows of them. */
export function readTable<Name extends string>(spec: TableSpec<Name>, table: PackedTable<NoInfer<Name>>, rows?: Rows): Table<Name> {
  const read: Partial<Record<Name, Float64Array>> = {};
  for (const name of Object.keys(spec) as Name[]) {
    const { near } = spec[name];
    read[name] = readColumn(table.columns[name], rows, near === undefined ? undefined : read[near as Name]); // near is a name before it
  }
  return read as Record<Name, Float64Array>; // all names have been gone through
}

/** Reads whole numbers that fit 32 bits. */
export function readWholes(column: PackedColumn): Uint32Array<ArrayBuffer> {
  return new Uint32Array(readColumn(column));
}

/** The version of a record of this kind. Throws `bad-data` when it is none. */
export function versionOf(mark: RecordMark, bytes: ArrayBuffer): number {
  // From a database, where somebody may have put anything.
  const length = bytes instanceof ArrayBuffer ? bytes.byteLength : 0;
  if (length < headBytes || length % 4 !== 0) throw damaged(mark.noun, `it has ${length} bytes`);
  const word = new DataView(bytes).getUint32(0, true);
  if (word % 2 ** 24 !== markOf(mark, 0)) throw damaged(mark.noun, 'it does not start as one of ours');
  return word >>> 24;
}

/** The error for a record of a version this program does not know. */
export function otherVersion({ noun, version }: RecordMark, found: number): LogError {
  return damaged(noun, `it has version ${found}, this program reads version ${version}. Reload the page to get the newest program`);
}

/** Throws `bad-data` when a record's checksum, the word at 4, is not that of the words after it. */
export function verify(noun: string, bytes: ArrayBuffer): void {
  if (new DataView(bytes).getUint32(4, true) !== checksum(bytes)) throw damaged(noun, 'its checksum is wrong');
}

/** The error for a record that cannot be read. */
export function damaged(noun: string, found: string): LogError {
  return new LogError('bad-data', `a stored ${noun} is damaged: ${found}. What it holds is left out; all else is read.`);
}

function markOf({ letter }: RecordMark, version: number): number {
  return (0x5454 | (letter.charCodeAt(0) << 16) | (version << 24)) >>> 0;
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}

// Each step maps the 32 bits so far one to one, so a change within one word always shows, and others with odds of 4 billion to one.
function checksum(bytes: ArrayBuffer): number {
  const words = new Uint32Array(bytes, 8);
  let hash = words.length;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ (words[i] as number), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
