import { expect, test } from 'vitest';
import { batchSizeOf } from '../../../src/core/batch-size.ts';
import { LogError } from '../../../src/core/errors.ts';
import { createWarner } from '../../../src/core/warnings.ts';

const sizeOf = (batch: unknown, warnings: string[] = []): number =>
  batchSizeOf(
    batch,
    () => 'log(x)',
    createWarner(({ text }) => warnings.push(text)),
  );

const tensor = (...shape: number[]) => ({ size: shape.reduce((a, b) => a * b, 1), shape, data: () => Promise.resolve([]) });

test.each<[string, unknown, number]>([
  ['a tensor', tensor(4, 2), 4],
  ['a scalar', tensor(), 1],
  ['a pair of tensors', [tensor(4, 2), tensor(4)], 4],
  ['xs and ys', { xs: tensor(3, 2), ys: tensor(3) }, 3],
  ['a map', new Map([['x', tensor(5)]]), 5],
  ['a typed array', new Float32Array(6), 6],
  [
    'rows written out',
    {
      xs: [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
      ys: [0, 1, 2],
    },
    3,
  ],
  [
    'a pair of rows and labels',
    [
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
      [0, 1, 2],
    ],
    3,
  ],
  [
    'a pair of lists of numbers',
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    3,
  ],
  ['names before numbers', ['a', tensor(2)], 2],
])('the samples of %s are counted', (_, batch, size) => {
  expect(sizeOf(batch)).toBe(size);
});

test('the first size counts when others differ, with a warning', () => {
  const warnings: string[] = [];
  expect(sizeOf([tensor(4), tensor(5)], warnings)).toBe(4);
  expect(warnings).toEqual(['log(x): the parts of the batch have different sizes; 4 is taken. Pass { batchSize }.']);
});

test.each([
  ['a number', 3],
  ['nothing', null],
  ['a text', 'abc'],
  ['an empty list', []],
])('%s has no size', (_, batch) => {
  expect(() => sizeOf(batch)).toThrow(LogError);
});

test('a batch that refers back to itself is refused', () => {
  const batch: unknown[] = [];
  batch.push({ batch });
  expect(() => sizeOf(batch)).toThrow('nested too deeply');
});
