import { expect, test } from 'vitest';
import { palette, RunColors } from '../../../src/panel/run-colors.ts';

const run = (id: string, name: string): { id: string; name: string; project: string } => ({ id, name, project: 'p' });

test('a run keeps its colour while others come and go', () => {
  const colors = new RunColors();
  const [a, b, c] = [run('1', 'spiral-1'), run('2', 'spiral-2'), run('3', 'spiral-3')];
  const first = [a, b, c].map((one) => colors.colorOf(one));
  colors.release('1');
  colors.colorOf(run('4', 'spiral-4'));
  expect([b, c].map((one) => colors.colorOf(one))).toEqual(first.slice(1));
});

test('a run that was deleted and restored has the colour it had, whoever came meanwhile', () => {
  const colors = new RunColors();
  const first = run('1', 'spiral-1');
  const before = colors.colorOf(first);
  colors.release(first.id);
  colors.release(first.id);
  // While it was gone its colour was free.
  expect(colors.colorOf(run('2', 'moons-1'))).toBe(before);
  expect(colors.colorOf(first)).toBe(before);
  // Both count: those who come later get the other seven.
  const others = Array.from({ length: 7 }, (_, i) => colors.colorOf(run(`other ${i}`, `rings-${i + 1}`)));
  expect(new Set([before, ...others]).size).toBe(8);
});

test('after a reload counted names find the colours they had, even when an older run was deleted', () => {
  const before = new RunColors();
  const runs = [run('1', 'spiral-1'), run('2', 'spiral-2'), run('3', 'spiral-3')];
  const [, second, third] = runs.map((one) => before.colorOf(one));
  const after = new RunColors();
  expect(runs.slice(1).map((one) => after.colorOf(one))).toEqual([second, third]);
});

test('eight runs have eight colours, whatever they are called', () => {
  const colors = new RunColors();
  const used = new Set(['adam', 'sgd', 'lion', 'x-1', 'y-1', 'z-9', 'q', 'w'].map((name) => colors.colorOf(run(`id of ${name}`, name))));
  expect(used.size).toBe(8);
});

// Relative luminance and contrast as WCAG 2 defines them.
const channels = (color: string): number[] =>
  [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
const luminance = (color: string): number => {
  const [red = 0, green = 0, blue = 0] = channels(color);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (a: string, b: string): number => {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((one, other) => other - one);
  return (high + 0.05) / (low + 0.05);
};

test('every colour stands out from its ground by 3 : 1', () => {
  for (const { light, dark } of palette) {
    expect(contrast(light, '#ffffff')).toBeGreaterThanOrEqual(3);
    expect(contrast(dark, '#17191e')).toBeGreaterThanOrEqual(3);
  }
});

// What people without one kind of cone see, by Machado, Oliveira and Fernandes (2009), severity 1; distances in Oklab.
const blindness = {
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;
const oklab = ([red = 0, green = 0, blue = 0]: readonly number[]): number[] => {
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ];
};
const seen = (color: string, matrix: readonly number[]): number[] => {
  const rgb = channels(color);
  return oklab(
    [0, 3, 6].map((row) =>
      Math.min(
        1,
        Math.max(
          0,
          rgb.reduce((sum, part, index) => sum + part * (matrix[row + index] ?? 0), 0),
        ),
      ),
    ),
  );
};

test.each(['protan', 'deutan', 'tritan'] as const)('colours stay apart for %s readers', (kind) => {
  for (const look of ['light', 'dark'] as const) {
    const lab = palette.map((color) => seen(color[look], blindness[kind]));
    for (const [index, one] of lab.entries()) {
      for (const other of lab.slice(index + 1)) expect(Math.hypot(...one.map((part, at) => part - (other[at] ?? 0)))).toBeGreaterThan(0.05);
    }
  }
});
