import { describe } from '../core/errors.ts';
import { takeNumbers } from './numbers.ts';
import type { Pixels } from './png.ts';
import { badValue, type WarnOfMedia } from './record-body.ts';
import { sayOfMedia } from './words.ts';

/** Pictures that were taken from a user as numbers. */
export interface TakenPixels {
  readonly bytes: number;
  /** One, or those of a batch, all of one size. */
  read(): Promise<readonly Pixels[]>;
}

/** At most this many numbers make a picture or a batch of them. */
const mostValues = 2 ** 26;
const layouts: readonly unknown[] = ['HW', 'HWC', 'CHW', 'NHWC', 'NCHW'];
/** The meaning of so many dimensions when nobody says it. */
const usual: readonly unknown[] = ['HW', 'HW', 'HW', 'HWC', 'NHWC'];

/** True for numbers with a shape, and for what looks like `ImageData`. */
export function isPixelData(image: unknown): boolean {
  if (typeof image !== 'object' || image === null) return false;
  return 'shape' in image || ('data' in image && 'width' in image);
}

/**
 * Takes pixels whose dimensions are named by `layout`, the letters of N, H, W and C; default: by their number. Floats and booleans
 * are taken as 0…1, integers as 0…255, rounded and clamped with a warning. Throws `bad-value`, quoting `call`.
 */
export function takePixels(image: unknown, layout: unknown, call: string, warn: WarnOfMedia): TakenPixels {
  const { values, shape, data, width, height } = image as Readonly<Record<string, unknown>>; // an object; each is looked at below
  const numbers = takeNumbers(shape === undefined ? data : (values ?? image), call);
  const sizes: unknown = shape ?? [height, width, 4];
  if (!isShape(sizes)) throw badValue(call, `the shape is ${JSON.stringify(sizes)}, need the sizes of the dimensions.`);
  const letters = (shape === undefined ? 'HWC' : layout) ?? usual[sizes.length] ?? 'NHWC';
  if (typeof letters !== 'string' || !layouts.includes(letters)) {
    throw badValue(call, `dataformats is ${describe(letters)}, need one of ${layouts.join(', ')}.`);
  }
  const found = `shape [${sizes.join(', ')}]`;
  if (letters.length !== sizes.length) {
    throw badValue(call, `${found} does not fit ${letters}, which has ${letters.length} dimensions. Reshape it or set dataformats.`);
  }
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count !== numbers.size) throw badValue(call, `got ${numbers.size} values for ${found}.`);
  if (count < 1 || count > mostValues)
    throw badValue(call, `${found} has ${count} values, need 1 to ${mostValues}. Log a smaller picture.`);
  const sizeOf = (letter: string): number => sizes[letters.indexOf(letter)] ?? 1;
  const channels = sizeOf('C');
  if (!isChannels(channels)) {
    throw badValue(call, `${found} has ${channels} channels as ${letters}, need 1 to 4. Say what the dimensions mean with dataformats.`);
  }
  const strideOf = (letter: string): number => {
    const at = letters.indexOf(letter);
    return at < 0 ? 0 : sizes.slice(at + 1).reduce((product, size) => product * size, 1);
  };
  const [size, step] = [sizeOf, strideOf].map((of) => ({ n: of('N'), h: of('H'), w: of('W'), c: of('C') })) as [Steps, Steps]; // of two

  const read = async (): Promise<readonly Pixels[]> => {
    const all = await numbers.read();
    const isFloat = numbers.isBool || !isIntegers(all);
    const scale = isFloat ? 255 : 1;
    let isClamped = false;
    const pictures = Array.from({ length: size.n }, (_, n): Pixels => {
      const bytes = new Uint8ClampedArray(size.h * size.w * channels);
      let at = 0;
      for (let h = 0; h < size.h; h++) {
        for (let w = 0; w < size.w; w++) {
          const from = n * step.n + h * step.h + w * step.w;
          for (let c = 0; c < channels; c++) {
            const value = all[from + c * step.c]! * scale;
            if (!(value >= 0 && value <= 255)) isClamped = true;
            bytes[at++] = value;
          }
        }
      }
      return { width: size.w, height: size.h, channels, bytes: new Uint8Array(bytes.buffer) };
    });
    if (isClamped) {
      warn('clamped', sayOfMedia(isFloat ? 'clamped-floats' : 'clamped-integers', { call }));
    }
    return pictures;
  };
  return { bytes: numbers.bytes, read };
}

/** Pictures of one size and kind side by side, in rows of `columns`, without gaps; places that are left are zero. */
export function gridOf(pictures: readonly Pixels[], columns: number, call: string): Pixels {
  const [first] = pictures;
  if (first === undefined || pictures.length === 1) return first ?? { width: 0, height: 0, channels: 1, bytes: new Uint8Array(0) };
  const { width, height, channels } = first;
  const rows = Math.ceil(pictures.length / columns);
  const stride = width * channels;
  const bytes = new Uint8Array(rows * height * columns * stride);
  for (const [i, picture] of pictures.entries()) {
    refuseOtherSize(i, [picture.width, picture.height, picture.channels], [width, height, channels], call);
    const corner = Math.floor(i / columns) * height * columns * stride + (i % columns) * stride;
    for (let y = 0; y < height; y++) bytes.set(picture.bytes.subarray(y * stride, (y + 1) * stride), corner + y * columns * stride);
  }
  return { width: columns * width, height: rows * height, channels, bytes };
}

/** Throws `bad-value` when a picture of a grid is not like the first one. */
export function refuseOtherSize(index: number, size: readonly number[], first: readonly number[], call: string): void {
  if (size.every((length, i) => length === first[i])) return;
  throw badValue(call, `image ${index} is ${size.join(' × ')}, the first is ${first.join(' × ')}. Images of a grid need one size.`);
}

interface Steps {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
}

function isShape(sizes: unknown): sizes is readonly number[] {
  return Array.isArray(sizes) && sizes.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isChannels(channels: number): channels is 1 | 2 | 3 | 4 {
  return channels >= 1 && channels <= 4;
}

function isIntegers(values: ArrayLike<number>): boolean {
  return ArrayBuffer.isView(values) && !/^Float/.test(values.constructor.name);
}
