import { expect, test } from 'vitest';
import { flattenConfig } from '../../../src/formats/flatten-config.ts';
import type { Config } from '../../../src/core/run-info.ts';

// What a store can hold is more than what the type allows: another program may have written the record.
const flat = (config: Record<string, unknown>) => Object.fromEntries(flattenConfig(config as Config));

test('nested keys are joined, lists become JSON text, null and empty maps are left out', () => {
  expect(flat({ a: { b: { c: 1 } }, list: [1, [2, 'x'], { d: null }], none: null, empty: {}, yes: true })).toEqual({
    'a/b/c': 1,
    list: '[1,[2,"x"],{"d":null}]',
    yes: true,
  });
});

test('lists of maps go by index, lists of anything else and empty ones stay lists', () => {
  expect(
    flat({
      layers: [
        { units: 8, act: 'relu' },
        { units: [1, 2], inner: [{ x: 1 }] },
      ],
      mixed: [{ a: 1 }, 2],
      none: [],
    }),
  ).toEqual({
    'layers/0/units': 8,
    'layers/0/act': 'relu',
    'layers/1/units': '[1,2]',
    'layers/1/inner/0/x': 1,
    mixed: '[{"a":1},2]',
    none: '[]',
  });
});

test('what JSON cannot hold becomes text', () => {
  const date = new Date(Date.UTC(2024, 0, 2));
  expect(
    flat({
      big: 2n ** 64n,
      list: [1n, undefined, date],
      deep: { big: -1n, gone: undefined },
      date,
      noDate: new Date(NaN),
      typed: Float32Array.of(0.5, 2),
      map: new Map([['k', 1n]]),
    }),
  ).toEqual({
    big: '18446744073709551616',
    list: '["1",null,"2024-01-02T00:00:00.000Z"]',
    'deep/big': '-1',
    date: '2024-01-02T00:00:00.000Z',
    noDate: 'Invalid Date',
    typed: '[0.5,2]',
    map: '[["k","1"]]',
  });
});

test('what refers back to itself is cut there', () => {
  const map: Record<string, unknown> = { lr: 1 };
  map['self'] = map;
  const list: unknown[] = [1];
  list.push(list);
  expect(flat({ map, list })).toEqual({ 'map/lr': 1, 'map/self': '[circular]', list: '[1,"[circular]"]' });
});
