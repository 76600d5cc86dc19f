import { expect, test } from 'vitest';
import type { Logger } from '../../../src/core/logger.ts';
import { startRun } from '../../../src/run/index.ts';
import { LoggerCollection, prefixed, RetryLater, TensorBoardLogger } from '../../../src/loggers/index.ts';
import { at, recorder, runInfo } from './rows.ts';

const broken = (name: string, failure: unknown = new Error('no room')): Logger => ({
  name,
  logMetrics: () => {
    throw failure;
  },
  logHyperparams: () => {},
  save: () => Promise.reject(failure as Error), // an error of the test's own
});

test('one that throws does not stop the others, and is named', async () => {
  const good = recorder();
  const both = new LoggerCollection([broken('first'), good, broken('last')]);
  expect(() => both.logMetrics({ loss: 1 }, at(0))).toThrow('first: no room; last: no room');
  expect(good.rows).toEqual([[{ loss: 1 }, 0]]);
  await expect(new LoggerCollection([broken('only'), good]).save()).rejects.toThrow(/^only: no room$/);
});

test('what asks for another try still does', async () => {
  await expect(new LoggerCollection([recorder(), broken('later', new RetryLater(50))]).save()).rejects.toMatchObject({ afterMs: 50 });
});

test('takes the records that one of them takes', () => {
  const tags: string[] = [];
  const texts: Logger = { ...recorder(), supports: (kind) => kind === 'text', logRecord: ({ tag }) => void tags.push(tag) };
  const both = new LoggerCollection([texts, recorder()], { name: 'both' });
  expect([both.name, both.supports('text'), both.supports('image'), both.logGraph]).toEqual(['both', true, false, undefined]);
  both.logRecord({ kind: 'text', tag: 'a', step: 0, epoch: 0, wallTime: 0 });
  both.logRecord({ kind: 'image', tag: 'b', step: 0, epoch: 0, wallTime: 0 });
  expect(tags).toEqual(['a']);
});

test('a run hears of a broken one once, and goes on', async () => {
  const good = recorder();
  const errors: string[] = [];
  const loggers = [new LoggerCollection([broken('bad'), good], { name: 'both' })];
  const run = await startRun({ store: false, loggers, onError: ({ message }) => errors.push(message) });
  for (let step = 0; step < 3; step++) run.log({ loss: step }, { step });
  await run.finish();
  expect(good.rows.map(([, step]) => step)).toEqual([0, 1, 2]);
  expect(errors).toEqual([expect.stringContaining("logger 'bad' failed in logMetrics(): no room")]);
});

/** Asks for one more try when it is finalized. */
const hesitant = (ends: string[] = []): Logger => {
  let tries = 0;
  return {
    ...recorder(),
    async finalize(status) {
      if (tries++ === 0) throw new RetryLater(1);
      ends.push(status);
    },
  };
};

test('finalizes each once, though one asks for another try, and anew when it is started anew', async () => {
  const ends: string[] = [];
  const all = new LoggerCollection([{ ...recorder(), finalize: async (status) => void ends.push(status) }, hesitant(ends)]);
  await expect(all.finalize('finished')).rejects.toBeInstanceOf(RetryLater);
  await all.finalize('finished');
  expect(ends).toEqual(['finished', 'finished']);
  all.start(runInfo);
  await all.finalize('failed');
  expect(ends).toEqual(['finished', 'finished', 'failed', 'failed']);
});

test('with a stream that is closed already is no error when another asks for another try', async () => {
  const errors: string[] = [];
  const all = new LoggerCollection([new TensorBoardLogger({ stream: new WritableStream() }), hesitant()]);
  const run = await startRun({ store: false, loggers: [prefixed(all, 'a')], onError: ({ message }) => errors.push(message) });
  run.log('x', 1);
  await run.finish();
  expect(errors).toEqual([]);
});

test('one inside that rejects later is told by the next save', async () => {
  const fails = (() => Promise.reject(new Error('net down'))) as unknown as () => void; // fits where types ask for void
  const late: Logger = { ...recorder(), name: 'late', logMetrics: fails };
  const all = new LoggerCollection([late, recorder()]);
  all.logMetrics({ loss: 1 }, at(0));
  await expect(all.save()).rejects.toThrow('late: net down');
  await all.save();
});
