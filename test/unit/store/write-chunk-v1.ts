import type { ScalarChunk } from '../../../src/store/series-types.ts';

interface Plan {
  readonly width: number;
  readonly base: number;
}

function planOf(values: readonly number[], perUnit: number): Plan {
  const wholes = values.map((value) => Math.round(value * perUnit));
  const fits = values.every(
    (value, row) => Number.isSafeInteger(wholes[row]) && (wholes[row] as number) / perUnit === value && !Object.is(value, -0),
  );
  if (!fits) return { width: 8, base: 0 };
  if (values.length === 0) return { width: 0, base: 0 };
  const base = Math.min(...wholes);
  const span = Math.max(...wholes) - base;
  return span > 0xffff_ffff ? { width: 8, base: 0 } : { width: span === 0 ? 0 : span <= 0xff ? 1 : span <= 0xffff ? 2 : 4, base };
}

/** Packs a chunk as the first version of the journal had it: with the names of its tags, and columns as offsets or float64. */
export function writeChunkV1(chunk: ScalarChunk): ArrayBuffer {
  const points = chunk.value.length;
  const plain = chunk.tags.every((tag) => !/\p{Surrogate}/u.test(tag));
  const names = chunk.tags.map((tag) =>
    plain ? new TextEncoder().encode(tag) : new Uint8Array(Uint16Array.from({ length: tag.length }, (_, at) => tag.charCodeAt(at)).buffer),
  );
  const tagWidth = chunk.tags.length <= 0x100 ? 1 : chunk.tags.length <= 0x1_0000 ? 2 : 4;
  const [step, epoch, wallTime] = [planOf([...chunk.step], 1), planOf([...chunk.epoch], 1), planOf([...chunk.wallTime], 1000)];
  const bytes: number[] = [];
  const put = (value: number, width: number, isFloat = false): void => {
    const view = new DataView(new ArrayBuffer(8));
    if (isFloat) view.setFloat64(0, value, true);
    else view.setUint32(0, value, true);
    bytes.push(...new Uint8Array(view.buffer, 0, width));
  };
  const align = (width: number): void => {
    while (width > 0 && bytes.length % width > 0) bytes.push(0);
  };
  const column = (values: ArrayLike<number>, { width, base }: Plan, perUnit: number): void => {
    align(width);
    for (const value of Array.from(values)) {
      if (width === 8) put(value, 8, true);
      else put(Math.round(value * perUnit) - base, width);
    }
  };
  bytes.push(0x54, 0x54, 0x4a, 1, 0, 0, 0, 0);
  put(points, 4);
  put(chunk.tags.length, 4);
  put(
    names.reduce((sum, name) => sum + name.length, 0),
    4,
  );
  bytes.push(plain ? 0 : 1, tagWidth, step.width, epoch.width, wallTime.width, 0, 0, 0, 0, 0, 0, 0);
  for (const { base } of [step, epoch, wallTime]) put(base, 8, true);
  column(chunk.value, { width: 8, base: 0 }, 1);
  column(chunk.wallTime, wallTime, 1000);
  column(chunk.step, step, 1);
  column(chunk.epoch, epoch, 1);
  column(chunk.tag, { width: tagWidth, base: 0 }, 1);
  align(4);
  for (const name of names) put(name.length, 4);
  for (const name of names) bytes.push(...name);
  align(4);
  return Uint8Array.from(bytes).buffer;
}
