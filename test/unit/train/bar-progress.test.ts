import { describe, expect, test } from 'vitest';
import { BarMeter } from '../../../src/train/bar-progress.ts';

function setUp(): { meter: BarMeter; pass: (milliseconds: number) => void; logged: Record<string, number> } {
  let now = 1000;
  const logged: Record<string, number> = {};
  const meter = new BarMeter({ metrics: () => logged, version: () => 'n_0', now: () => now });
  return { meter, logged, pass: (milliseconds) => (now += milliseconds) };
}

describe('the bar of a training', () => {
  test('is not there before a loop begins', () => {
    const { meter } = setUp();
    meter.batchDone(4);
    meter.end();
    expect(meter.read()).toBe(undefined);
  });

  test('counts batches; its rate is that of the whole epoch, waits included', () => {
    const { meter, pass, logged } = setUp();
    meter.begin('train', { totalBatches: 10 });
    expect(meter.read()).toEqual({
      stage: 'train',
      batch: 0,
      totalBatches: 10,
      elapsedMs: 0,
      remainingMs: undefined,
      itPerSec: 0,
      samplesPerSec: undefined,
      metrics: {},
      version: 'n_0',
    });
    pass(3000);
    meter.batchDone(32);
    meter.read();
    pass(1000);
    meter.batchDone(8);
    logged['loss'] = 0.5;
    // 2 batches in 4 s; 8 are left.
    expect(meter.read()).toMatchObject({
      batch: 2,
      elapsedMs: 4000,
      itPerSec: 0.5,
      remainingMs: 16_000,
      samplesPerSec: 10,
      metrics: { loss: 0.5 },
    });
  });

  test('knows nothing of the rest when the data do not say their length', () => {
    const { meter, pass } = setUp();
    meter.begin('train', { totalBatches: undefined });
    pass(500);
    meter.batchDone();
    expect(meter.read()).toMatchObject({ totalBatches: undefined, remainingMs: undefined, itPerSec: 2, samplesPerSec: undefined });
  });

  test('has nothing left when its last batch is done', () => {
    const { meter } = setUp();
    meter.begin('train', { totalBatches: 1 });
    meter.batchDone(4);
    expect(meter.read()).toMatchObject({ batch: 1, remainingMs: 0 });
  });

  test('begins anew with each epoch', () => {
    const { meter, pass } = setUp();
    meter.begin('train', { totalBatches: 1 });
    pass(1000);
    meter.batchDone(4);
    meter.begin('train', { totalBatches: 1 });
    expect(meter.read()).toMatchObject({ batch: 0, elapsedMs: 0, itPerSec: 0 });
  });

  test('leaves out the time of a pause', () => {
    const { meter, pass } = setUp();
    meter.begin('train', { totalBatches: 4 });
    pass(1000);
    meter.batchDone();
    meter.pause();
    pass(60_000);
    expect(meter.read()).toMatchObject({ elapsedMs: 1000, itPerSec: 1 });
    meter.resume();
    pass(1000);
    meter.batchDone();
    expect(meter.read()).toMatchObject({ elapsedMs: 2000, itPerSec: 1, remainingMs: 2000 });
  });
});

describe('the bar of an evaluation', () => {
  test('has an exponential average of 0.3 as its rate', () => {
    const { meter, pass } = setUp();
    meter.begin('validate', { totalBatches: 100 });
    pass(1000);
    for (let i = 0; i < 10; i++) meter.batchDone();
    expect(meter.read()?.itPerSec).toBeCloseTo(10);
    pass(1000);
    for (let i = 0; i < 20; i++) meter.batchDone();
    // tqdm's EMA: (0.3 · 20 + 0.7 · 0.3 · 10) / (0.3 · 1 + 0.7 · 0.3 · 1) = 8.1 / 0.51.
    expect(meter.read()?.itPerSec).toBeCloseTo(8.1 / 0.51, 10);
    // Looking again without a new batch changes nothing.
    pass(5000);
    expect(meter.read()?.itPerSec).toBeCloseTo(8.1 / 0.51, 10);
    expect(meter.read()?.remainingMs).toBeCloseTo((70 / (8.1 / 0.51)) * 1000, 6);
  });

  test('shows the training that waits for it, which then goes on', () => {
    const { meter, pass } = setUp();
    meter.begin('train', { totalBatches: 40 });
    pass(1000);
    for (let i = 0; i < 10; i++) meter.batchDone(2);
    meter.begin('validate', { totalBatches: 3, dataloaderIdx: 0, dataloaderName: 'clean' });
    meter.batchDone(2);
    expect(meter.read()).toMatchObject({ stage: 'validate', batch: 1, dataloaderName: 'clean', outer: { batch: 10, totalBatches: 40 } });
    meter.begin('validate', { totalBatches: 2, dataloaderIdx: 1 });
    expect(meter.read()).toMatchObject({ batch: 0, dataloaderIdx: 1, outer: { batch: 10, totalBatches: 40 } });
    expect(meter.read()).not.toHaveProperty('dataloaderName');
    meter.end();
    pass(1000);
    const bar = meter.read();
    expect(bar).toMatchObject({ stage: 'train', batch: 10, elapsedMs: 2000, itPerSec: 5 });
    expect(bar).not.toHaveProperty('outer');
  });

  test.each(['test', 'sanity', 'validate'] as const)('of its own (%s) has nothing around it', (stage) => {
    const { meter } = setUp();
    meter.begin(stage, { totalBatches: 3 });
    meter.batchDone();
    meter.end();
    expect(meter.read()).toMatchObject({ stage, batch: 1 });
    expect(meter.read()).not.toHaveProperty('outer');
  });

  test('predicting takes the rate of the whole', () => {
    const { meter, pass } = setUp();
    meter.begin('predict', { totalBatches: 4 });
    pass(100);
    meter.batchDone();
    meter.read();
    pass(900);
    meter.batchDone();
    expect(meter.read()?.itPerSec).toBeCloseTo(2);
  });
});
