import { expect, test } from 'vitest';
import type { Engine } from '../../../src/core/engine.ts';
import type { LogError } from '../../../src/core/errors.ts';
import type { Loggable } from '../../../src/core/log-options.ts';
import { startRun, type StartRunOptions } from '../../../src/run/start-run.ts';
import type { Run } from '../../../src/run/run.ts';

/** A value of an accelerator. */
const boxed = (box: number): Loggable => ({ box }) as object;

/** Reads boxes, and notes how many at a time. */
class BoxEngine implements Engine<{ box: number }> {
  readonly name: string;
  readonly reads: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  owns(value: unknown): value is { box: number } {
    return typeof value === 'object' && value !== null && 'box' in value;
  }

  retain(value: { box: number }): { box: number } {
    return { ...value };
  }

  async read(values: readonly { box: number }[]): Promise<Float64Array> {
    this.reads.push(values.length);
    return Float64Array.from(values, ({ box }) => box);
  }

  release(): void {}
}

async function start(options: StartRunOptions = {}): Promise<{ run: Run; rows: unknown[][]; errors: LogError[] }> {
  const errors: LogError[] = [];
  const rows: unknown[][] = [];
  const run = await startRun({ store: false, readEveryMs: 1e9, onError: (error) => errors.push(error), ...options });
  run.onRow((metrics, { step, epoch }) => rows.push([{ ...metrics }, step, epoch]));
  return { run, rows, errors };
}

test('a run takes an engine after it has begun, for its children, too', async () => {
  const { run, rows } = await start();
  const child = run.child('inner');
  expect(() => run.log('loss', boxed(1))).toThrow(/got an object/);
  const engine = new BoxEngine('late');
  const told = run.attachEngine(engine);
  run.log('loss', boxed(2));
  child.log('loss', boxed(3));
  await run.flush();
  expect(rows).toEqual([[{ loss: 2 }, 0, 0]]);
  expect(engine.reads).toEqual([1, 1]);
  expect(told.onError).toBeTypeOf('function');
});

test('the engine that a run was started with stays', async () => {
  const engine = new BoxEngine('first');
  const { run, rows } = await start({ engine });
  const other = new BoxEngine('second');
  run.attachEngine(other);
  run.log('loss', boxed(2));
  await run.flush();
  expect(rows).toEqual([[{ loss: 2 }, 0, 0]]);
  expect([engine.reads, other.reads]).toEqual([[1], []]);
});

test('epochs end without a read when none is asked for, and their values come with the next one, in order', async () => {
  const engine = new BoxEngine('box');
  const { run, rows, errors } = await start({ engine });
  for (let epoch = 0; epoch < 3; epoch++) {
    run.log('loss', boxed(epoch));
    await run.endStep();
    run.log('loss/epoch', boxed(10 + epoch), { onEpoch: true });
    expect(await run.endEpoch({ read: false })).toEqual({});
    expect(run.epoch).toBe(epoch + 1);
  }
  expect(engine.reads).toEqual([]);
  await run.finish();
  expect(engine.reads).toEqual([6]);
  expect(rows).toEqual(
    [0, 1, 2].flatMap((epoch) => [
      [{ loss: epoch }, epoch, epoch],
      [{ 'loss/epoch': 10 + epoch }, epoch, epoch],
    ]),
  );
  expect(errors).toEqual([]);
});

test('an epoch of numbers gives its values back at once, read or not', async () => {
  const { run, rows } = await start();
  run.log('loss', 3, { onEpoch: true });
  expect(await run.endEpoch({ read: false })).toEqual({ loss: 3 });
  expect(rows).toEqual([[{ loss: 3 }, 0, 0]]);
});
