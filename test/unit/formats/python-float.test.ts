/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pythonFloat } from '../../../src/formats/python-float.ts';

test.each([
  [NaN, 'nan'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
  [-0, '-0.0'],
  [1, '1.0'],
  [1e-7, '1e-07'],
  [1e-4, '0.0001'],
  [1e16, '1e+16'],
  [0.1 + 0.2, '0.30000000000000004'],
])('%s is printed as %s', (value, text) => {
  expect(pythonFloat(value)).toBe(text);
});

test('800 numbers of all sizes are printed as Python prints them', () => {
  const file = new URL('../../fixtures/hparams/floats.json', import.meta.url);
  const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { rows: readonly (readonly [string, string])[] };
  const ours = rows.map(([bytes]) => [bytes, pythonFloat(Buffer.from(bytes, 'hex').readDoubleBE())]);
  expect(ours.length).toBeGreaterThan(790);
  expect(ours).toEqual(rows);
});
