/// <reference types="node" />
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import { type CommandLink, linkCommands, serveCommands } from '../../../src/worker/command-link.ts';
import { transfer } from '../../../src/worker/transfer.ts';

interface Sums {
  add(a: number, b: number): number;
  fail(): void;
  sum(values: Float32Array): Promise<number>;
  ones(count: number): Float32Array;
  leak(): unknown;
  wait(): Promise<string>;
}

const links: { close(): void }[] = [];
afterEach(() => {
  for (const link of links.splice(0)) link.close();
});

function connect(answer: Promise<string> = Promise.resolve('done')): CommandLink<Sums> {
  const { port1, port2 } = new MessageChannel();
  serveCommands<Sums>(port2, {
    add: (a, b) => a + b,
    fail: () => {
      throw new LogError('bad-data', 'short file', { cause: new RangeError('offset') });
    },
    sum: (values) => Promise.resolve(values.reduce((sum, value) => sum + value, 0)),
    ones: (count) => {
      const values = new Float32Array(count).fill(1);
      return transfer(values, [values.buffer]);
    },
    leak: () => () => 1,
    wait: () => answer,
  });
  const link = linkCommands<Sums>(port1);
  links.push(link);
  return link;
}

describe('a command link', () => {
  test('gives back what the other end computed', async () => {
    expect(await connect().send('add', 'add', 2, 3)).toBe(5);
  });

  test('rejects with the class, the code and the cause of what was thrown', async () => {
    const error: unknown = await connect()
      .send('fail', 'fail')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LogError);
    expect(error).toMatchObject({ code: 'bad-data', message: 'short file', cause: { name: 'RangeError' } });
  });

  test('copies an argument, unless it is marked to be moved', async () => {
    const link = connect();
    const kept = new Float32Array([1, 2, 3]);
    expect(await link.send('sum', 'sum', kept)).toBe(6);
    expect(kept.length).toBe(3);
    const moved = new Float32Array([4, 5]);
    expect(await link.send('sum', 'sum', transfer(moved, [moved.buffer]))).toBe(9);
    expect(moved.length).toBe(0);
  });

  test('moves a result that is marked', async () => {
    expect(await connect().send('ones', 'ones', 3)).toEqual(new Float32Array([1, 1, 1]));
  });

  test('says which side holds something that cannot be sent', async () => {
    const link = connect();
    const unsendable = (() => 1) as unknown as Float32Array; // what a page in plain JavaScript may pass
    await expect(link.send("trainer.call('sum')", 'sum', unsendable)).rejects.toMatchObject({
      code: 'bad-value',
      message: expect.stringMatching(/^trainer\.call\('sum'\): an argument cannot be sent/),
    });
    await expect(link.send("trainer.call('leak')", 'leak')).rejects.toMatchObject({
      code: 'bad-value',
      message: expect.stringMatching(/^trainer\.call\('leak'\): what it gave back cannot be sent/),
    });
  });

  test('answers a call that was pending while garbage was collected', async () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void; // what the flag adds
    let settle: (value: string) => void = () => {};
    const link = connect(new Promise((resolve) => (settle = resolve)));
    const waiting = link.send('wait', 'wait');
    // Some turns in between: finalizers run in tasks of their own.
    for (let turn = 0; turn < 5; turn++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    settle('still here');
    expect(await waiting).toBe('still here');
  });

  test('rejects calls after it was closed', async () => {
    const link = connect();
    link.close();
    await expect(link.send('add', 'add', 1, 1)).rejects.toMatchObject({ code: 'worker-state' });
  });

  test('refuses a name that is not a command', async () => {
    const link = connect() as unknown as CommandLink<{ toString(): string }>; // a foreign message
    await expect(link.send('x', 'toString')).rejects.toMatchObject({ code: 'internal' });
  });
});
