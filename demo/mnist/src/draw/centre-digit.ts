import { DIGIT_BYTES, DIGIT_SIDE } from '../data/idx.ts';

/** Longest side of a digit inside its 28 × 28 field, as the makers of MNIST chose it. */
const BOX = 20;

/**
 * Prepares a drawing the way MNIST was: the ink's bounding box is scaled to fit 20 × 20 (sides keep their proportion, areas
 * are averaged) and moved so that its centre of mass lies in the middle of 28 × 28. `ink` holds one byte per pixel,
 * 0 = paper. Gives undefined for an empty drawing.
 */
export function centreDigit(ink: Uint8Array | Uint8ClampedArray, width: number, height: number): Uint8Array | undefined {
  const box = inkBox(ink, width, height);
  if (box === undefined) return undefined;
  const scale = BOX / Math.max(box.width, box.height);
  const smallWidth = Math.max(1, Math.round(box.width * scale));
  const smallHeight = Math.max(1, Math.round(box.height * scale));
  const small = averageAreas(ink, width, box, smallWidth, smallHeight);
  return place(small, smallWidth, smallHeight);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function inkBox(ink: ArrayLike<number>, width: number, height: number): Box | undefined {
  let left = width;
  let right = -1;
  let top = height;
  let bottom = -1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((ink[y * width + x] ?? 0) === 0) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Each target pixel is the mean of the part of the box that it covers, edges counted by their share. */
function averageAreas(ink: ArrayLike<number>, width: number, box: Box, toWidth: number, toHeight: number): Float64Array {
  const result = new Float64Array(toWidth * toHeight);
  const perX = box.width / toWidth;
  const perY = box.height / toHeight;
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      result[y * toWidth + x] = meanOf(ink, width, box.left + x * perX, box.top + y * perY, perX, perY);
    }
  }
  return result;
}

function meanOf(ink: ArrayLike<number>, width: number, left: number, top: number, spanX: number, spanY: number): number {
  let sum = 0;
  const right = left + spanX;
  const bottom = top + spanY;
  for (let y = Math.floor(top); y < bottom; y++) {
    const shareY = Math.min(y + 1, bottom) - Math.max(y, top);
    for (let x = Math.floor(left); x < right; x++) {
      sum += (ink[y * width + x] ?? 0) * shareY * (Math.min(x + 1, right) - Math.max(x, left));
    }
  }
  return sum / (spanX * spanY);
}

function place(small: Float64Array, width: number, height: number): Uint8Array {
  let mass = 0;
  let massX = 0;
  let massY = 0;
  small.forEach((value, index) => {
    mass += value;
    massX += value * ((index % width) + 0.5);
    massY += value * (Math.floor(index / width) + 0.5);
  });
  const middle = DIGIT_SIDE / 2;
  const left = within(Math.round(middle - massX / mass), DIGIT_SIDE - width);
  const top = within(Math.round(middle - massY / mass), DIGIT_SIDE - height);
  const digit = new Uint8Array(DIGIT_BYTES);
  small.forEach((value, index) => {
    digit[(top + Math.floor(index / width)) * DIGIT_SIDE + left + (index % width)] = Math.round(Math.min(255, value));
  });
  return digit;
}

function within(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
