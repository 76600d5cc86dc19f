import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FrameQueue } from '../../../src/panel/frame-queue.ts';

let frames: (() => void)[] = [];
let now = 0;

beforeEach(() => {
  frames = [];
  now = 0;
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
  vi.stubGlobal('cancelAnimationFrame', () => (frames = []));
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function runFrame(): void {
  const due = frames;
  frames = [];
  for (const callback of due) callback();
}

/** A task that takes so many milliseconds and notes its name. */
function task(done: string[], name: string, milliseconds: number): () => void {
  return () => {
    now += milliseconds;
    done.push(name);
  };
}

test('runs in one frame what fits into its slice, and puts off what would go beyond it', () => {
  const queue = new FrameQueue(8);
  const done: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) queue.add(task(done, name, 3));
  runFrame();
  // 3 + 3 = 6; a third one would end at 9.
  expect(done).toEqual(['a', 'b']);
  runFrame();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  expect(frames).toEqual([]);
});

test('runs at least one task a frame, however long it takes', () => {
  const queue = new FrameQueue(8);
  const done: string[] = [];
  for (const name of ['a', 'b']) queue.add(task(done, name, 50));
  runFrame();
  expect(done).toEqual(['a']);
  runFrame();
  expect(done).toEqual(['a', 'b']);
});

test('a task that waits already is not added again; one that asks for itself while it runs is due in the next frame', () => {
  const queue = new FrameQueue(8);
  const done: string[] = [];
  const again = (): void => {
    done.push('again');
    if (done.length === 1) queue.add(again);
  };
  queue.add(again);
  queue.add(again);
  runFrame();
  expect(done).toEqual(['again']);
  runFrame();
  expect(done).toEqual(['again', 'again']);
  expect(frames).toEqual([]);
});

test('removed and cleared tasks do not run', () => {
  const queue = new FrameQueue(8);
  const done: string[] = [];
  const a = task(done, 'a', 1);
  queue.add(a);
  queue.add(task(done, 'b', 1));
  queue.remove(a);
  runFrame();
  expect(done).toEqual(['b']);
  queue.add(a);
  queue.clear();
  runFrame();
  expect(done).toEqual(['b']);
});

test('a frame lasts longer for tasks that ask for it, until those are done', () => {
  const queue = new FrameQueue(8);
  const done: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) queue.add(task(done, name, 3), 12);
  runFrame();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  runFrame();
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  for (const name of ['g', 'h', 'i']) queue.add(task(done, name, 3));
  runFrame();
  expect(done.slice(6)).toEqual(['g', 'h']);
});
