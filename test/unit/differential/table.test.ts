import { expect, test } from 'vitest';
import { type LoggingHook, isLoggingHook } from '../../../src/core/hook-rules.ts';
import { resolveHookOptions } from '../../../src/core/resolve-log-options.ts';
import { camelCase, readCases } from './fixtures.ts';
import { hookOf, type Schedule } from './replay-schedule.ts';

/** Schedules that log one name `x` from one hook, with every pair of `onStep` and `onEpoch`. */
const cases = readCases<Schedule>('schedules-table').filter(({ name }) => /^(?:module|first) on_|^module [a-z_]+ \{/.test(name));

test('the table has every hook that may log, nine times or more', () => {
  const times = new Map<string, number>();
  for (const { logs } of cases) {
    const hook = hookOf(logs[0]!.hook);
    times.set(hook, (times.get(hook) ?? 0) + 1);
  }
  const logging = [...times.keys()].filter((hook) => isLoggingHook(hookOf(hook)));
  expect(logging.length).toBe(26);
  expect(logging.filter((hook) => times.get(hook)! < 9)).toEqual([]);
});

test.each(cases.map((one) => [one.name, one] as const))('%s', (_, { logs, wrote }) => {
  const { hook, options = {} } = logs[0]!;
  const given = Object.fromEntries(Object.entries(options).map(([key, value]) => [camelCase(key), value]));
  const resolve = (): string[] => {
    const { onStep, onEpoch } = resolveHookOptions(hookOf(hook) as LoggingHook, given, () => 'log()'); // others throw
    return onStep && onEpoch ? ['x_epoch', 'x_step'] : ['x'];
  };
  if (wrote.error !== undefined) {
    expect(resolve).toThrow(expect.objectContaining({ code: expect.stringMatching(/^(?:bad-options|wrong-hook)$/) }));
    return;
  }
  const names = new Set(wrote.rows.flatMap(([, values]) => Object.keys(values)));
  names.delete('epoch');
  expect(resolve()).toEqual([...names].sort());
});
