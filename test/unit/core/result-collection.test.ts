import { describe, expect, test } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import type { LogOptions } from '../../../src/core/log-options.ts';
import { resolveLogOptions } from '../../../src/core/resolve-log-options.ts';
import { ResultCollection } from '../../../src/core/result-collection.ts';
import { createWarner } from '../../../src/core/warnings.ts';

function setUp() {
  const rows: { metrics: Record<string, number>; step: number; epoch: number }[] = [];
  const warned: string[] = [];
  const errors: LogError[] = [];
  const results = new ResultCollection(
    (metrics, at) => rows.push({ metrics: { ...metrics }, step: at.step, epoch: at.epoch }),
    createWarner((warning) => warned.push(warning.key)),
    (error) => errors.push(error),
  );
  const log = (name: string, value: number, step: number, options: LogOptions = {}, epoch = 0): void =>
    results.add({ name, options: resolveLogOptions(options, () => 'run.log()'), step, epoch, wallTime: 1700000000 + step }, value);
  return { rows, warned, errors, results, log };
}

describe('rows', () => {
  test('values of one step make one row', () => {
    const { log, results, rows } = setUp();
    log('loss', 0.5, 0);
    log('acc', 0.8, 0);
    results.closeStep();
    expect(rows).toEqual([{ metrics: { loss: 0.5, acc: 0.8 }, step: 0, epoch: 0 }]);
  });

  test('a value of a higher step closes the step before', () => {
    const { log, rows } = setUp();
    log('loss', 0.5, 3);
    log('loss', 0.4, 4);
    expect(rows).toEqual([{ metrics: { loss: 0.5 }, step: 3, epoch: 0 }]);
  });

  test('the last value of a name on one step counts, and one warning says so', () => {
    const { log, results, rows, warned } = setUp();
    log('loss', 0.5, 0);
    log('loss', 0.4, 0);
    log('loss', 0.3, 0);
    results.closeStep();
    expect(rows).toEqual([{ metrics: { loss: 0.3 }, step: 0, epoch: 0 }]);
    expect(warned).toEqual(['repeated:loss']);
  });

  test('values of one step are reduced when the caller names a reduction', () => {
    const { log, results, rows, warned } = setUp();
    log('loss', 1, 0, { reduceFx: 'mean', batchSize: 3 });
    log('loss', 5, 0, { reduceFx: 'mean', batchSize: 1 });
    log('seen', 32, 0, { reduceFx: 'sum' });
    log('seen', 10, 0, { reduceFx: 'sum' });
    results.closeStep();
    expect(rows[0]?.metrics).toEqual({ loss: 2, seen: 42 });
    expect(warned).toEqual([]);
  });

  test('a tag that is stuck on one step is named once', () => {
    const { log, warned } = setUp();
    for (let i = 0; i < 250; i++) log('loss', i, 0);
    expect(warned).toEqual(['repeated:loss', 'stuck:loss']);
  });

  test('a step written early is corrected by a later value of the same step', () => {
    const { log, results, rows } = setUp();
    log('loss', 1, 0, { reduceFx: 'sum' });
    results.writeOpen();
    log('loss', 2, 0, { reduceFx: 'sum' });
    results.closeStep();
    expect(rows.map((row) => row.metrics)).toEqual([{ loss: 1 }, { loss: 3 }]);
  });

  test('NaN and infinities are values like any other', () => {
    const { log, results, rows } = setUp();
    log('a', Number.NaN, 0);
    log('b', -Infinity, 0);
    results.closeStep();
    expect(rows[0]?.metrics).toEqual({ a: Number.NaN, b: -Infinity });
  });

  test('more than 20,000 tags are warned about once', () => {
    const { log, warned } = setUp();
    for (let i = 0; i < 20_002; i++) log(`loss/${i}`, 1, 0);
    expect(warned).toEqual(['many-tags']);
  });
});

describe('epochs', () => {
  // 0.7·256 + 0.8·256 + 0.9·10 = 179.2 + 204.8 + 9 = 393; 393 / 522 = 0.7528735…
  test.each([
    ['mean', 393 / 522],
    ['sum', 2.4],
    ['min', 0.7],
    ['max', 0.9],
  ] as const)('%s of 0.7, 0.8, 0.9 in batches of 256, 256 and 10', (reduceFx, expected) => {
    const { log, results } = setUp();
    for (const [step, [value, batchSize]] of (
      [
        [0.7, 256],
        [0.8, 256],
        [0.9, 10],
      ] as const
    ).entries()) {
      log('loss', value, step, { onEpoch: true, reduceFx, batchSize });
    }
    expect(results.closeEpoch(0, 1700000009)()['loss']).toBeCloseTo(expected, 12);
  });

  test('a name recorded per step and per epoch gets both suffixes', () => {
    const { log, results, rows } = setUp();
    log('loss', 1, 0, { onStep: true, onEpoch: true });
    log('loss', 3, 1, { onStep: true, onEpoch: true });
    results.closeEpoch(0, 1700000009)();
    expect(rows).toEqual([
      { metrics: { loss_step: 1 }, step: 0, epoch: 0 },
      { metrics: { loss_step: 3 }, step: 1, epoch: 0 },
      { metrics: { loss_epoch: 2 }, step: 1, epoch: 0 },
    ]);
  });

  test('the separator of the tags can be a slash', () => {
    const { log, results } = setUp();
    log('train/loss', 1, 0, { onStep: true, onEpoch: true, separator: '/' });
    expect(results.closeEpoch(0, 1700000009)()).toEqual({ 'train/loss/epoch': 1 });
  });

  test('a validation value logged after the last step is written at that last step', () => {
    const { log, results, rows } = setUp();
    log('loss', 1, 7);
    results.closeStep();
    log('val/loss', 0.9, 8, { onEpoch: true });
    log('val/loss', 0.5, 8, { onEpoch: true });
    results.closeEpoch(0, 1700000009)();
    expect(rows.at(-1)).toEqual({ metrics: { 'val/loss': 0.7 }, step: 7, epoch: 0 });
  });

  test('each epoch starts afresh', () => {
    const { log, results } = setUp();
    log('loss', 1, 0, { onEpoch: true });
    results.closeEpoch(0, 1700000009)();
    log('loss', 5, 1, { onEpoch: true }, 1);
    expect(results.closeEpoch(1, 1700000010)()).toEqual({ loss: 5 });
  });

  test('NaN poisons an epoch in every reduction', () => {
    const { log, results } = setUp();
    for (const reduceFx of ['mean', 'sum', 'min', 'max'] as const) {
      log(reduceFx, 1, 0, { onEpoch: true, reduceFx });
      log(reduceFx, Number.NaN, 1, { onEpoch: true, reduceFx });
    }
    expect(Object.values(results.closeEpoch(0, 1700000009)())).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });

  test('a mean of weight zero is not a number', () => {
    const { log, results } = setUp();
    log('loss', 4, 0, { onEpoch: true, batchSize: 0 });
    expect(results.closeEpoch(0, 1700000009)()['loss']).toBeNaN();
  });
});

describe("a reduction of the caller's own", () => {
  const bad = (): number => {
    throw new Error('my mistake');
  };

  test('gets the values of its step and their weights', () => {
    const { log, results, rows } = setUp();
    const reduceFx = (values: Float64Array, weights: Float64Array): number => values.at(-1)! * 100 + values.length * 10 + weights[0]!;
    for (const value of [3, 4]) log('loss', value, 0, { reduceFx, batchSize: 7 });
    results.closeStep();
    expect(rows).toEqual([{ metrics: { loss: 427 }, step: 0, epoch: 0 }]);
  });

  test('runs once a row, however many values come', () => {
    const { log, results } = setUp();
    let runs = 0;
    const reduceFx = (values: Float64Array): number => {
      runs += 1;
      return values[0]!;
    };
    for (let i = 0; i < 50; i++) log('loss', i, 0, { reduceFx });
    results.closeStep();
    expect(runs).toBe(1);
  });

  test('that throws is named once, with its error, and costs no other value', () => {
    const { log, results, rows, errors } = setUp();
    for (let step = 0; step < 3; step++) {
      log('bad', 1, step, { onStep: true, onEpoch: true, reduceFx: bad });
      log('good', step, step, { onStep: true, onEpoch: true, reduceFx: 'sum' });
      results.closeStep();
    }
    expect(results.closeEpoch(0, 1700000009)()).toEqual({ good_epoch: 3 });
    expect(rows[2]!.metrics).toEqual({ good_step: 2 });
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['bad-options', "run.log('bad'): reduceFx threw: my mistake. This value is left out; all others are kept."],
    ]);
    expect(errors[0]!.cause).toBeInstanceOf(Error);
  });

  test.each([
    ['abc', 'the string "abc"'],
    [undefined, 'undefined'],
    [Promise.resolve(1), 'an object (Promise)'],
  ])('that gives %s and no number is named, and its value left out', (given, found) => {
    const { log, results, errors } = setUp();
    log('x', 1, 0, { onEpoch: true, reduceFx: (() => given) as never }); // a caller without types
    expect(results.closeEpoch(0, 1700000009)()).toEqual({});
    expect(errors[0]!.message).toContain(`reduceFx gave ${found}, need a number.`);
  });
});
