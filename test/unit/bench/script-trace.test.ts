import { expect, test } from 'vitest';
import { framesOf, type TraceEvent } from '../../../bench/lib/script-trace.mjs';

const wall = (events: readonly TraceEvent[]): number[] => framesOf(events).map((frame) => frame.wall);
const at = (name: string, ts: number, dur?: number): TraceEvent => ({ name, pid: 1, tid: 2, ts, ...(dur === undefined ? {} : { dur }) });

test('sums the script of each frame, in milliseconds', () => {
  const events = [
    at('bench-begin', 0),
    at('FunctionCall', 1000, 4000),
    at('RunMicrotasks', 6000, 500),
    at('bench-frame', 16_000),
    at('FunctionCall', 17_000, 2000),
    at('bench-end', 40_000),
  ];
  expect(wall(events)).toEqual([4.5, 2]);
});

test('counts what runs within a call once', () => {
  const events = [
    at('bench-begin', 0),
    at('TimerFire', 1000, 5000),
    at('FunctionCall', 1500, 4000),
    at('MinorGC', 2000, 1000),
    at('bench-frame', 16_000),
    at('bench-end', 20_000),
  ];
  expect(wall(events)).toEqual([5]);
});

test('leaves out frames without script, other threads, other events, and what lies outside of the marks', () => {
  const events: TraceEvent[] = [
    at('FunctionCall', 100, 50_000),
    at('bench-begin', 60_000),
    at('bench-frame', 70_000),
    { ...at('FunctionCall', 71_000, 30_000), tid: 3 },
    { ...at('FunctionCall', 71_000, 30_000), pid: 4 },
    at('Layout', 72_000, 9000),
    at('bench-frame', 86_000),
    at('FunctionCall', 87_000, 1000),
    at('bench-end', 90_000),
    at('FunctionCall', 91_000, 7000),
  ];
  expect(wall(events)).toEqual([1]);
});

test('tells the time that the thread ran from the time that it waited for a processor', () => {
  const events = [
    at('bench-begin', 0),
    { ...at('FunctionCall', 1000, 30_000), tdur: 4000 },
    { ...at('FunctionCall', 40_000, 1500), tdur: 1500 },
    at('bench-end', 50_000),
  ];
  expect(framesOf(events)).toEqual([{ wall: 31.5, cpu: 5.5 }]);
});

test('takes events in whatever order the browser hands them over', () => {
  const events = [
    at('bench-end', 40_000),
    at('bench-frame', 16_000),
    at('FunctionCall', 17_000, 2000),
    at('FunctionCall', 1000, 3000),
    at('bench-begin', 0),
  ];
  expect(wall(events)).toEqual([3, 2]);
});

test('without both marks there is nothing to say', () => {
  expect(wall([at('bench-begin', 0), at('FunctionCall', 1, 5)])).toEqual([]);
});
