import { describe, expect, test } from 'vitest';
import {
  type BarContext,
  type BarItems,
  barItems,
  barLine,
  barVersion,
  drawBar,
  formatBarValue,
  formatInterval,
  formatRate,
} from '../../../src/core/bar-text.ts';
import type { BarProgress, TrainProgress } from '../../../src/core/train-events.ts';

const training: BarProgress = {
  stage: 'train',
  batch: 10,
  totalBatches: 40,
  elapsedMs: 3200,
  remainingMs: 9345,
  itPerSec: 3.21,
  samplesPerSec: undefined,
  metrics: { train_loss: 0.12345 },
  version: 0,
};

function progress(bar: Partial<BarProgress> = {}, epoch = 1): TrainProgress {
  return {
    phase: 'training',
    step: 10,
    totalSteps: undefined,
    epoch,
    maxEpochs: 5,
    stepsPerSecond: 3,
    secondsLeft: undefined,
    bar: { ...training, ...bar },
  };
}

describe('a value in the bar', () => {
  // What tqdm 4.70.1 with the padding of Lightning's `Tqdm.format_num` gives for these floats and texts.
  test.each<[number | string, string]>([
    [0, '0.000'],
    [1, '1.000'],
    [0.1, '0.100'],
    [0.123, '0.123'],
    [0.12345, '0.123'],
    [12.3456, '12.30'],
    [99.95, '100.0'],
    [123.456, '123.0'],
    [999.9, '1e+3'],
    [1234.5, '1234.5'],
    [1234, '1234.0'],
    [12345.678, '1.23e+4'],
    [100000, '1e+5'],
    [0.001, '0.001'],
    [0.00012345, '0.000123'],
    [1e-5, '1e-5'],
    [1.5e-7, '1.5e-7'],
    [1e16, '1e+16'],
    [1.23456e20, '1.23e+20'],
    [-0.5, '-0.50'],
    [-0.00001234, '-1.23e-5'],
    [2 / 3, '0.667'],
    [9.999, '10.00'],
    [0.0999999, '0.100'],
    [250, '250.0'],
    [65536, '65536.0'],
    [3.14159e-5, '3.14e-5'],
    ['1.0', '1.000'],
    ['10000', '10000'],
    ['abc', 'abc'],
    ['7', '7.000'],
    ['', ''],
  ])('%j reads %s', (value, text) => {
    expect(formatBarValue(value)).toBe(text);
  });

  test('that is not finite keeps its name', () => {
    expect([NaN, Infinity, -Infinity].map(formatBarValue)).toEqual(['nan', 'inf', '-inf']);
  });
});

describe('the version of the loggers', () => {
  test('is that of the only one, the distinct ones joined, and of texts the last four characters', () => {
    expect(barVersion([3])).toBe(3);
    expect(barVersion([undefined, 0])).toBe(0);
    expect(barVersion([0, 0, 1])).toBe('0_1');
    expect(barVersion(['version_3'])).toBe('on_3');
    expect(barVersion(['abcdef', 12])).toBe('f_12');
    expect(barVersion([undefined, ''])).toBe(undefined);
    expect(barVersion([])).toBe(undefined);
  });
});

describe('the items of a bar', () => {
  test('begin with the version and end with what was logged', () => {
    expect(Object.entries(barItems(progress()))).toEqual([
      ['v_num', 0],
      ['train_loss', 0.12345],
    ]);
    expect(barItems(progress({ version: undefined }))).toEqual({ train_loss: 0.12345 });
  });

  test('can be replaced, and left out by name', () => {
    const getMetrics = ({ items: { v_num: _, ...rest }, progress: { epoch } }: BarContext): BarItems => ({ ...rest, epoch });
    expect(barItems(progress(), { getMetrics })).toEqual({ train_loss: 0.12345, epoch: 1 });
    expect(barItems(progress(), { getMetrics, hide: ['epoch'] })).toEqual({ train_loss: 0.12345 });
  });

  test('let a value that was logged as v_num win, and say so', () => {
    const warned: string[] = [];
    expect(barItems(progress({ metrics: { v_num: 7 } }), { warn: (key) => warned.push(key) })).toEqual({ v_num: 7 });
    expect(warned).toEqual(['bar:v_num']);
  });
});

describe('the line', () => {
  // As tqdm 4.70.1 writes it with Lightning's bar format.
  test('has the form of tqdm', () => {
    expect(barLine(progress(), { width: 4 })).toBe('Epoch 1:  25%|█   | 10/40 [00:03<00:09,  3.21it/s, v_num=0, train_loss=0.123]');
    const short = { metrics: {}, version: undefined };
    expect(barLine(progress({ ...short, batch: 0, elapsedMs: 0, remainingMs: undefined, itPerSec: 0 }))).toBe(
      'Epoch 1:   0%|          | 0/40 [00:00<?, ?it/s]',
    );
    expect(barLine(progress({ ...short, batch: 7, totalBatches: 11, elapsedMs: 2000, remainingMs: 1142.8, itPerSec: 3.5 }))).toBe(
      'Epoch 1:  64%|██████▎   | 7/11 [00:02<00:01,  3.50it/s]',
    );
    expect(
      barLine(progress({ ...short, batch: 1234, totalBatches: 100_000, elapsedMs: 3_725_400, remainingMs: 298_170_000, itPerSec: 0.3312 })),
    ).toBe('Epoch 1:   1%|          | 1234/100000 [1:02:05<82:49:30,  0.33it/s]');
  });

  test('has counts, time and rate only when the data do not say their length', () => {
    expect(barLine(progress({ totalBatches: undefined, remainingMs: undefined }))).toBe(
      'Epoch 1: 10it [00:03,  3.21it/s, v_num=0, train_loss=0.123]',
    );
  });

  test('names the dataloader of an evaluation and leaves the metrics to the training around it', () => {
    const evaluation = { stage: 'validate', dataloaderIdx: 1, totalBatches: undefined } as const;
    expect(barLine(progress(evaluation))).toContain('Validation DataLoader 1: 10it');
    expect(barLine(progress({ ...evaluation, dataloaderName: 'clean', outer: { batch: 40, totalBatches: 40 } }))).toBe(
      'Validation DataLoader clean: 10it [00:03,  3.21it/s]',
    );
    expect(barLine(progress({ ...evaluation, stage: 'sanity' }))).toMatch(/^Sanity Checking DataLoader 1: /);
  });

  test('is empty for a training that has no bar', () => {
    const { bar: _, ...without } = progress();
    expect(barLine(without)).toBe('');
  });
});

test('a bar is drawn in eighths and never overflows', () => {
  expect(drawBar(0.25, 10)).toBe('██▌       ');
  expect(drawBar(0, 3)).toBe('   ');
  expect(drawBar(1, 3)).toBe('███');
  expect(drawBar(1.5, 3)).toBe('███');
  for (let share = 0; share <= 1; share += 0.01) expect(drawBar(share, 7)).toHaveLength(7);
});

test('times and rates read as in tqdm', () => {
  expect([0, 9900, 59_990, 61_000, 3_599_000, 3_600_000, 36_061_000].map(formatInterval)).toEqual([
    '00:00',
    '00:09',
    '00:59',
    '01:01',
    '59:59',
    '1:00:00',
    '10:01:01',
  ]);
  expect([3.21, 1234.567, 0.333, 0].map(formatRate)).toEqual([' 3.21it/s', '1234.57it/s', ' 0.33it/s', '?it/s']);
});
