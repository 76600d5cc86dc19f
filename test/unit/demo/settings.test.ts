import { expect, test } from 'vitest';
import { duration, percent, rate, when } from '../../../demo/mnist/src/page/format.ts';
import { defaults, queryFromSettings, readable, scales, settingsFromQuery, stopsWith } from '../../../demo/mnist/src/page/settings.ts';

test('a plain address gives the defaults', () => {
  expect(settingsFromQuery(new URLSearchParams())).toEqual(defaults);
  expect(queryFromSettings(defaults).toString()).toBe('');
});

test('every setting survives the way through the address', () => {
  const settings = { model: 'mlp', backend: 'webgpu', learningRate: 0.0003, batchSize: 48, epochs: 7, digits: 512 } as const;
  expect(settingsFromQuery(queryFromSettings(settings))).toEqual(settings);
});

test.each(['?limit=0', '?limit=60001', '?limit=1.5', '?limit=', '?epochs=-1', '?lr=0', '?lr=fast', '?model=gpt', '?backend=quantum'])(
  '%s is ignored',
  (query) => {
    expect(settingsFromQuery(new URLSearchParams(query))).toEqual(defaults);
  },
);

test('a value between two stops gets a stop of its own', () => {
  expect(stopsWith(scales.digits, 512).slice(0, 3)).toEqual([500, 512, 1000]);
  expect(stopsWith(scales.digits, 500)).toBe(scales.digits.stops);
});

test('the learning rate has equal steps on a logarithmic scale', () => {
  expect(scales.learningRate.stops.slice(0, 6)).toEqual([0.00001, 0.00002, 0.00003, 0.00005, 0.00007, 0.0001]);
  expect(scales.learningRate.stops.at(-1)).toBe(0.1);
});

test('numbers read as people write them', () => {
  expect(readable(60_000)).toBe('60,000');
  expect(readable(0.0003)).toBe('0.0003');
  expect(readable(0.00001)).toBe('0.00001');
  expect(percent(0.97423)).toBe('97.42 %');
  expect(percent(Number.NaN)).toBe('–');
  expect(duration(42.4)).toBe('0:42');
  expect(duration(3723)).toBe('1:02:03');
  expect([rate(0), rate(0.333), rate(4.12), rate(65.7)]).toEqual(['–', '0.33', '4.1', '66']);
});

test('a time says how far away its day is', () => {
  const now = new Date(2026, 10, 21, 15, 0);
  const at = (...parts: [number, number, number, number, number]): number => new Date(...parts).getTime() / 1000;
  expect(when(at(2026, 10, 21, 14, 5), now)).toBe('today 14:05');
  expect(when(at(2026, 10, 20, 9, 30), now)).toBe('yesterday 09:30');
  expect(when(at(2026, 10, 3, 9, 30), now)).toBe('3 Nov 09:30');
  expect(when(at(2025, 10, 3, 9, 30), now)).toBe('3 Nov 2025 09:30');
});
