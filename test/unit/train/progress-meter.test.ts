import { expect, test } from 'vitest';
import { ProgressMeter } from '../../../src/train/progress-meter.ts';

test('the rate is that of the last three seconds', () => {
  const meter = new ProgressMeter();
  expect(meter.stepsPerSecond).toBe(0);
  meter.sample(0, 0);
  expect(meter.stepsPerSecond).toBe(0);
  meter.sample(10, 1000);
  expect(meter.stepsPerSecond).toBe(10);
  for (let second = 2; second <= 6; second++) meter.sample(10 + (second - 1) * 100, second * 1000);
  expect(meter.stepsPerSecond).toBe(100);
});

test('time without steps is left out after a restart', () => {
  const meter = new ProgressMeter();
  meter.sample(0, 0);
  meter.sample(50, 1000);
  meter.restart();
  expect(meter.stepsPerSecond).toBe(50);
  meter.sample(50, 61_000);
  meter.sample(100, 62_000);
  expect(meter.stepsPerSecond).toBe(50);
});
