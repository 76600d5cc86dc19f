import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { startRun } from '../../../src/run/start-run.ts';
import { tfjsEngine } from '../../../src/tfjs/engine.ts';
import { rowLogger } from './row-logger.ts';

const engine = tfjsEngine();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test('tensors and variables are its own, nothing else is', () => {
  expect(engine.owns(tf.scalar(1))).toBe(true);
  expect(engine.owns(tf.variable(tf.scalar(1)))).toBe(true);
  for (const other of [1, '1', null, undefined, {}, [1], new Float32Array(1)]) expect(engine.owns(other)).toBe(false);
});

test("a retained value outlives the caller's tidy and disposal, whatever its shape and type", async () => {
  const kept = tf.tidy(() => {
    const own = tf.scalar(0.5);
    const values = [own, tf.tensor2d([[2]]), tf.scalar(7, 'int32'), tf.scalar(true, 'bool'), tf.variable(tf.scalar(-1))].map((value) =>
      engine.retain(value, 'run.log'),
    );
    own.dispose();
    return values;
  });
  expect([...(await engine.read(kept))]).toEqual([0.5, 2, 7, 1, -1]);
  engine.release(kept);
});

test('NaN and infinities come through', async () => {
  const kept = [NaN, Infinity, -Infinity].map((value) => engine.retain(tf.scalar(value), 'run.log'));
  expect([...(await engine.read(kept))]).toEqual([NaN, Infinity, -Infinity]);
});

test('retain, read and release leave no tensor behind', async () => {
  const value = tf.scalar(3);
  const before = tf.memory().numTensors;
  const kept = Array.from({ length: 100 }, () => engine.retain(value, 'run.log'));
  await engine.read(kept);
  engine.release(kept);
  expect(tf.memory().numTensors).toBe(before);
});

test.each([
  ['many values', () => tf.zeros([4, 8]), ['32 values', '[4, 8]', 'Take the mean']],
  ['no value', () => tf.zeros([0]), ['0 values']],
  ['text', () => tf.tensor('x', []), ['string']],
  ['a complex number', () => tf.complex(1, 2), ['complex64']],
  [
    'a disposed tensor',
    () => {
      const value = tf.scalar(1);
      value.dispose();
      return value;
    },
    ['disposed', 'before it is disposed'],
  ],
])('%s: refused with the call, what was found and the next move', (_name, make, parts) => {
  const refused = (): unknown => engine.retain(make(), "run.log('loss')");
  expect(refused).toThrow(expect.objectContaining({ code: 'bad-value' }));
  for (const part of ["run.log('loss')", ...parts]) expect(refused).toThrow(part);
});

test('a run reads tensors through it, in order, and keeps the others of a call with a bad one', async () => {
  const rows = rowLogger();
  const run = await startRun({ store: false, loggers: [rows], engine });
  const before = tf.memory().numTensors;
  for (let step = 0; step < 5; step++) {
    tf.tidy(() => run.log({ loss: tf.scalar(step / 2), host: step }));
    await run.endStep();
  }
  expect(() => run.log({ good: tf.scalar(9), bad: tf.zeros([2]), alsoGood: 1 })).toThrow(expect.objectContaining({ code: 'bad-value' }));
  await run.finish();
  expect(rows.values('loss')).toEqual([0, 0.5, 1, 1.5, 2]);
  expect(rows.values('host')).toEqual([0, 1, 2, 3, 4]);
  expect(rows.values('good')).toEqual([9]);
  expect(rows.values('alsoGood')).toEqual([1]);
  // The two made in that last call are the caller's.
  expect(tf.memory().numTensors).toBe(before + 2);
});
