import { afterEach, expect, test } from 'vitest';
import { Pacer } from '../../../src/train/pacer.ts';

let pacer: Pacer | undefined;
afterEach(() => pacer?.close());

/** A device that is done with its work when told, and a clock that moves when told. */
function device() {
  let time = 0;
  const waiting: (() => void)[] = [];
  pacer = new Pacer({
    sliceMs: 30,
    now: () => time,
    deviceIdle: () => new Promise((resolve) => waiting.push(resolve)),
  });
  return {
    pacer,
    waiting,
    pass: (ms: number) => (time += ms),
    done(): void {
      waiting.shift()?.();
    },
  };
}

test('without a device to wait for, a slice ends by time alone', async () => {
  let time = 0;
  pacer = new Pacer({ sliceMs: 30, now: () => time, deviceIdle: () => undefined });
  pacer.submitted(true);
  await pacer.settle();
  expect(pacer.completed).toBe(1);
  time = 29;
  expect(pacer.submitted(true)).toBe(false);
  time = 30;
  expect(pacer.submitted(true)).toBe(true);
  await pacer.turn();
  expect(pacer.completed).toBe(3);
  expect(pacer.submitted(false)).toBe(false);
});

test('it is at most two slices ahead of a device', async () => {
  const { pacer, waiting, done } = device();
  pacer.submitted(true);
  await pacer.turn();
  expect(pacer.completed).toBe(0);
  pacer.submitted(true);
  const second = pacer.turn();
  expect(waiting).toHaveLength(2);
  done();
  await second;
  expect(pacer.completed).toBe(1);
});

test('slices grow while the device is fast and shrink to one step when it is slow', async () => {
  const { pacer, pass, waiting, done } = device();
  /** One step a slice costs the device so many milliseconds. Gives back the steps of the slice. */
  async function slice(deviceMsPerStep: number): Promise<number> {
    let steps = 1;
    while (!pacer.submitted(true)) steps += 1;
    const turned = pacer.turn();
    if (waiting.length === 2) {
      pass(deviceMsPerStep * steps);
      done();
    }
    await turned;
    return steps;
  }
  pacer.submitted(true);
  const settled = pacer.settle();
  done();
  await Promise.resolve();
  const drained = setInterval(done, 0);
  await settled;
  clearInterval(drained);
  const fast: number[] = [];
  for (let i = 0; i < 7; i++) fast.push(await slice(2));
  expect(fast).toEqual(fast.toSorted((a, b) => a - b));
  expect(Math.max(...fast)).toBeGreaterThan(3);
  expect(Math.max(...fast)).toBeLessThanOrEqual(15);
  for (let i = 0; i < 4; i++) await slice(500);
  expect(await slice(500)).toBe(1);
});

test('a device that fails rejects the turn', async () => {
  pacer = new Pacer({ deviceIdle: () => Promise.reject(new Error('lost')) });
  pacer.submitted(true);
  await expect(pacer.settle()).rejects.toThrow('lost');
});
