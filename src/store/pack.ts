import { LogError } from '../core/errors.ts';
import { type ColumnPlan, type ColumnWidth, integers, planColumn, readColumn, writeColumn } from './columns.ts';
import type { ScalarChunk } from './metric-store.ts';

/** The columns of one tag, in log order. */
export interface PointColumns {
  readonly step: Float64Array;
  readonly epoch: Float64Array;
  readonly wallTime: Float64Array;
  readonly value: Float64Array;
}

// One record, in the byte order of the machine (little-endian wherever there is a browser):
//   0  'T' 'T' 'J'  version
//   4  u32  checksum of everything after it
//   8  u32  points      12  u32  tags      16  u32  bytes of all tag names
//  20  u8   names: 0 UTF-8, 1 UTF-16
//  21  u8   bytes a value of the columns tag, step, epoch, wall time (float64 values need no plan)
//  32  f64  base of step, epoch, wall time (in milliseconds)
//  56  f64  values; then wall time, step, epoch, tag, each aligned to its width; u32 length of each name; names; zeros to 4
const magic = 0x4a5454;
const version = 1;
const headerBytes = 56;
const msPerSecond = 1000;

interface Layout {
  readonly value: number;
  readonly wallTime: number;
  readonly step: number;
  readonly epoch: number;
  readonly tag: number;
  readonly nameLengths: number;
  readonly names: number;
  readonly end: number;
}

interface Shape {
  readonly points: number;
  readonly tags: number;
  readonly nameBytes: number;
  readonly tagWidth: 1 | 2 | 4;
  readonly step: ColumnPlan;
  readonly epoch: ColumnPlan;
  readonly wallTime: ColumnPlan;
}

interface Opened extends Shape {
  readonly at: Layout;
  readonly bytes: ArrayBuffer;
  readonly tagNames: readonly string[];
  readonly tagColumn: Uint8Array | Uint16Array | Uint32Array;
}

/** Packs a chunk into one buffer. Lossless: {@link unpackChunk} gives every number and name back as it was. */
export function packChunk(chunk: ScalarChunk): ArrayBuffer {
  const points = chunk.value.length;
  const { names, kind } = encodeNames(chunk.tags);
  const shape: Shape = {
    points,
    tags: chunk.tags.length,
    nameBytes: names.reduce((sum, name) => sum + name.length, 0),
    tagWidth: chunk.tags.length <= 0x100 ? 1 : chunk.tags.length <= 0x1_0000 ? 2 : 4,
    step: planColumn(chunk.step, 1),
    epoch: planColumn(chunk.epoch, 1),
    wallTime: planColumn(chunk.wallTime, msPerSecond),
  };
  const at = layOut(shape);
  const bytes = new ArrayBuffer(at.end);
  const view = new DataView(bytes);
  view.setUint32(0, magic | (version << 24), true);
  view.setUint32(8, points, true);
  view.setUint32(12, shape.tags, true);
  view.setUint32(16, shape.nameBytes, true);
  new Uint8Array(bytes).set([kind, shape.tagWidth, shape.step.width, shape.epoch.width, shape.wallTime.width], 20);
  view.setFloat64(32, shape.step.base, true);
  view.setFloat64(40, shape.epoch.base, true);
  view.setFloat64(48, shape.wallTime.base, true);

  new Float64Array(bytes, at.value, points).set(chunk.value);
  writeColumn(bytes, at.wallTime, chunk.wallTime, shape.wallTime, msPerSecond);
  writeColumn(bytes, at.step, chunk.step, shape.step, 1);
  writeColumn(bytes, at.epoch, chunk.epoch, shape.epoch, 1);
  integers(bytes, at.tag, shape.tagWidth, points).set(chunk.tag);
  new Uint32Array(bytes, at.nameLengths, shape.tags).set(names.map((name) => name.length));
  let offset = at.names;
  for (const name of names) {
    new Uint8Array(bytes, offset, name.length).set(name);
    offset += name.length;
  }
  view.setUint32(4, checksum(bytes), true);
  return bytes;
}

/** Gives a packed chunk back. Throws `bad-data` when the record is cut, altered or of a version this program does not know. */
export function unpackChunk(runId: string, seq: number, bytes: ArrayBuffer): ScalarChunk {
  const record = open(bytes);
  const { at, points, tagColumn } = record;
  const tag = record.tagWidth === 4 ? new Uint32Array(tagColumn) : new Uint16Array(tagColumn);
  return {
    runId,
    seq,
    tags: record.tagNames,
    tag,
    step: readColumn(bytes, at.step, points, record.step, 1),
    epoch: readColumn(bytes, at.epoch, points, record.epoch, 1),
    wallTime: readColumn(bytes, at.wallTime, points, record.wallTime, msPerSecond),
    value: new Float64Array(bytes.slice(at.value, at.value + 8 * points)),
  };
}

/** The points of one tag, or undefined when it does not occur. Throws as {@link unpackChunk} does. */
export function unpackTag(bytes: ArrayBuffer, tag: string): PointColumns | undefined {
  const record = open(bytes);
  const index = record.tagNames.indexOf(tag);
  if (index === -1) return undefined;
  const { at, points, tagColumn } = record;
  const found = new Uint32Array(points);
  let count = 0;
  for (let row = 0; row < points; row++) if (tagColumn[row] === index) found[count++] = row;
  const rows = found.subarray(0, count);
  return {
    step: readColumn(bytes, at.step, points, record.step, 1, rows),
    epoch: readColumn(bytes, at.epoch, points, record.epoch, 1, rows),
    wallTime: readColumn(bytes, at.wallTime, points, record.wallTime, msPerSecond, rows),
    value: readColumn(bytes, at.value, points, { width: 8, base: 0 }, 1, rows),
  };
}

/** How many points each tag of a packed chunk has. Throws as {@link unpackChunk} does. */
export function countTags(bytes: ArrayBuffer): ReadonlyMap<string, number> {
  const { tagNames, tagColumn } = open(bytes);
  const counts = new Uint32Array(tagNames.length);
  for (const index of tagColumn) counts[index] = (counts[index] as number) + 1;
  return new Map(tagNames.map((name, index) => [name, counts[index] as number]));
}

/** True when two packed chunks hold the same. */
export function isSamePack(a: ArrayBuffer, b: ArrayBuffer): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const other = new Uint8Array(b);
  return new Uint8Array(a).every((byte, index) => byte === other[index]);
}

function layOut(shape: Shape): Layout {
  const { points } = shape;
  const value = headerBytes;
  const wallTime = value + 8 * points;
  const step = aligned(wallTime + shape.wallTime.width * points, shape.step.width);
  const epoch = aligned(step + shape.step.width * points, shape.epoch.width);
  const tag = aligned(epoch + shape.epoch.width * points, shape.tagWidth);
  const nameLengths = aligned(tag + shape.tagWidth * points, 4);
  const names = nameLengths + 4 * shape.tags;
  return { value, wallTime, step, epoch, tag, nameLengths, names, end: aligned(names + shape.nameBytes, 4) };
}

function aligned(offset: number, width: number): number {
  return width === 0 ? offset : Math.ceil(offset / width) * width;
}

function open(bytes: ArrayBuffer): Opened {
  if (bytes.byteLength < headerBytes) throw damaged(`it has ${bytes.byteLength} bytes, its head alone has ${headerBytes}`);
  const view = new DataView(bytes);
  const mark = view.getUint32(0, true);
  if ((mark & 0xff_ffff) !== magic) throw damaged('it does not start as one of ours');
  const found = mark >>> 24;
  if (found !== version)
    throw damaged(`it has version ${found}, this program reads version ${version}. Reload the page to get the newest program`);
  const [kind, tagWidth, stepWidth, epochWidth, wallWidth] = new Uint8Array(bytes, 20, 5);
  if (tagWidth !== 1 && tagWidth !== 2 && tagWidth !== 4) throw damaged('its widths make no sense');
  const shape: Shape = {
    points: view.getUint32(8, true),
    tags: view.getUint32(12, true),
    nameBytes: view.getUint32(16, true),
    tagWidth,
    step: { width: asWidth(stepWidth), base: view.getFloat64(32, true) },
    epoch: { width: asWidth(epochWidth), base: view.getFloat64(40, true) },
    wallTime: { width: asWidth(wallWidth), base: view.getFloat64(48, true) },
  };
  const at = layOut(shape);
  if (at.end !== bytes.byteLength) throw damaged(`it has ${bytes.byteLength} bytes, its head speaks of ${at.end}`);
  if (view.getUint32(4, true) !== checksum(bytes)) throw damaged('its checksum is wrong');
  const tagColumn = integers(bytes, at.tag, tagWidth, shape.points);
  for (const index of tagColumn) if (index >= shape.tags) throw damaged(`a point has tag ${index} of ${shape.tags}`);
  return { ...shape, at, bytes, tagColumn, tagNames: decodeNames(bytes, at, shape, kind) };
}

function asWidth(found: number | undefined): ColumnWidth {
  if (found === 0 || found === 1 || found === 2 || found === 4 || found === 8) return found;
  throw damaged('its widths make no sense');
}

function damaged(found: string): LogError {
  return new LogError('bad-data', `a stored chunk is damaged: ${found}. Its points are left out; all others are read.`);
}

function encodeNames(tags: readonly string[]): { readonly names: readonly Uint8Array[]; readonly kind: 0 | 1 } {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const names = tags.map((tag) => encoder.encode(tag));
  if (names.every((name, index) => decoder.decode(name) === tags[index])) return { names, kind: 0 };
  // Half a surrogate pair has no UTF-8.
  return {
    names: tags.map((tag) => new Uint8Array(Uint16Array.from({ length: tag.length }, (_, i) => tag.charCodeAt(i)).buffer)),
    kind: 1,
  };
}

function decodeNames(bytes: ArrayBuffer, at: Layout, shape: Shape, kind: number | undefined): readonly string[] {
  if (kind !== 0 && kind !== 1) throw damaged('its tag names have an unknown form');
  const lengths = new Uint32Array(bytes, at.nameLengths, shape.tags);
  if (lengths.reduce((sum, length) => sum + length, 0) !== shape.nameBytes) throw damaged('its tag names have wrong lengths');
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const names: string[] = [];
  let offset = at.names;
  for (const length of lengths) {
    if (kind === 0) names.push(decoder.decode(new Uint8Array(bytes, offset, length)));
    else names.push(Array.from(new Uint16Array(bytes.slice(offset, offset + length)), (unit) => String.fromCharCode(unit)).join(''));
    offset += length;
  }
  return names;
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
