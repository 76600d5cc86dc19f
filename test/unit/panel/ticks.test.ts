import { expect, test } from 'vitest';
import { formatDuration, formatStep, formatTick, formatTicks, formatValue } from '../../../src/panel/number-format.ts';
import { axisTicks, numberTicks } from '../../../src/panel/ticks.ts';

test('ticks are round and inside the range', () => {
  expect(numberTicks(0, 2000, 4)).toEqual([0, 500, 1000, 1500, 2000]);
  expect(numberTicks(0.031, 0.92, 5)).toEqual([0.2, 0.4, 0.6, 0.8]);
  expect(numberTicks(-0.1, 0.3, 4)).toEqual([-0.1, 0, 0.1, 0.2, 0.3]);
});

test('steps have no ticks between them', () => {
  expect(axisTicks('step', 0, 3, 8).map(({ label }) => label)).toEqual(['0', '1', '2', '3']);
  expect(axisTicks('step', 0, 20_000, 4).map(({ label }) => label)).toEqual(['0', '5,000', '10k', '15k', '20k']);
});

test('time since the start is divided as clocks are', () => {
  expect(axisTicks('relative', 0, 200, 5).map(({ label }) => label)).toEqual(['0', '1m', '2m', '3m']);
  expect(axisTicks('relative', 0, 3 * 3600, 4).map(({ label }) => label)).toEqual(['0', '1h', '2h', '3h']);
  expect(axisTicks('relative', 0, 2, 4).map(({ label }) => label)).toEqual(['0s', '0.5s', '1.0s', '1.5s', '2.0s']);
});

test('times of day are round where the reader lives', () => {
  const noon = new Date(2026, 5, 1, 12, 0, 0).getTime() / 1000;
  expect(axisTicks('wall', noon - 10, noon + 3600, 4).map(({ label }) => label)).toEqual(['12:00', '12:30', '13:00'].slice(0, 3));
});

test.each([
  [0.5, '0.5000'],
  [0.03121234, '0.03121'],
  [12, '12'],
  [-1.5, '−1.500'],
  [1234567, '1,234,567'],
  [1e-7, '1.00e−7'],
  [2.5e9, '2.50e9'],
  [NaN, 'NaN'],
  [-Infinity, '−∞'],
])('the value %d reads %s', (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test.each([
  [0.30000000000000004, '0.3'],
  [1500, '1,500'],
  [25_000, '25k'],
  [-2_500_000, '−2.5M'],
])('the tick %d reads %s', (value, text) => {
  expect(formatTick(value)).toBe(text);
});

test.each([
  [
    [0.002, 0.00205, 0.0021],
    ['0.00200', '0.00205', '0.00210'],
  ],
  [
    [-0.00205, -0.002],
    ['−0.00205', '−0.00200'],
  ],
  [
    [0.90005, 0.9001, 0.90015],
    ['0.90005', '0.90010', '0.90015'],
  ],
  [
    [1000.25, 1000.5, 1000.75],
    ['1,000.25', '1,000.50', '1,000.75'],
  ],
  [
    [249_990, 249_995, 250_000],
    ['249.990k', '249.995k', '250.000k'],
  ],
  [
    [7_500, 10_000, 12_500],
    ['7,500', '10.0k', '12.5k'],
  ],
  [
    [-0.5, 0, 0.5, 1],
    ['−0.5', '0', '0.5', '1.0'],
  ],
  [
    [1.25e9, 1.5e9],
    ['1.25e9', '1.50e9'],
  ],
  [
    [1e9, 1e9 + 0.25, 1e9 + 0.5],
    ['1e9', '+0.25', '+0.50'],
  ],
  [
    [1_234_567.25, 1_234_567.5],
    ['~1.235M', '+0.25'],
  ],
  [[7], ['7']],
])('the ticks %j can be told apart and end at the same place', (values, labels) => {
  expect(formatTicks(values, 8)).toEqual(labels);
});

test('ticks of large numbers that differ little are told apart', () => {
  expect(numberTicks(1e9, 1e9 + 1, 5)).toEqual([1e9, 1e9 + 0.2, 1e9 + 0.4, 1e9 + 0.6, 1e9 + 0.8, 1e9 + 1]);
  expect(axisTicks('step', 1_000_000, 1_000_002, 3).map(({ label }) => label)).toEqual(['1.000000M', '1.000001M', '1.000002M']);
});

test.each([
  [4.21, '4.2s'],
  [42, '42s'],
  [125, '2m 05s'],
  [3780, '1h 03m'],
  [100_000, '1d 3h'],
])('%d seconds read %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test('steps have their thousands set apart', () => {
  expect(formatStep(1_234_567)).toBe('1,234,567');
});
