import { expect, onTestFinished, test, vi } from 'vitest';
import { makeHookLog } from '../../../src/core/hook-results.ts';
import type { Engine } from '../../../src/core/engine.ts';
import type { Logger } from '../../../src/core/logger.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { type Run, startRun, type StartRunOptions } from '../../../src/run/index.ts';

let count = 0;

/** A clock that only the test moves. */
function fakeClock(): { pass: (milliseconds: number) => void } {
  let now = 1000;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  return { pass: (milliseconds) => (now += milliseconds) };
}

async function start(options: StartRunOptions): Promise<{ run: Run; rows: Record<string, number>[]; warnings: string[] }> {
  const rows: Record<string, number>[] = [];
  const warnings: string[] = [];
  const run = await startRun({ store: memoryStore(`overhead-${count++}`), onWarning: ({ text }) => warnings.push(text), ...options });
  run.onRow((metrics) => rows.push({ ...metrics }));
  onTestFinished(() => run.finish());
  return { run, rows, warnings };
}

test('a run of a loop says what its logging has cost, logs it, and names a slow logger once', async () => {
  const { pass } = fakeClock();
  const slow: Logger = { name: 'slow', logHyperparams: () => {}, logMetrics: () => pass(1) };
  const { run, rows, warnings } = await start({ loggers: [slow] });
  run.attachHooks(makeHookLog);
  expect(run.overhead).toEqual({ loggingMs: 0, share: 0 });
  for (let step = 0; step < 2000; step++) {
    run.log({ loss: 1 });
    pass(9);
    await run.endStep();
  }
  // A row is written as its step ends: 1 ms of 10.
  expect(run.overhead.share).toBeCloseTo(0.1, 1);
  expect(run.overhead.loggingMs).toBeCloseTo(2000, -2);
  const told = rows.flatMap((row) => (row['tabtrain/logging_ms'] === undefined ? [] : [row['tabtrain/logging_ms']]));
  expect(told.length).toBeGreaterThanOrEqual(18);
  expect(told.length).toBeLessThanOrEqual(20);
  expect(told.reduce((sum, ms) => sum + ms, 0) / told.length).toBeCloseTo(1, 0);
  expect(warnings).toEqual([expect.stringMatching(/^logging takes (9|10|11) % .*: logger 'slow' \((0\.9\d|1\.\d) ms a step\)/)]);
});

test('a run with steps of its own is measured, too, and holds nothing but what was logged', async () => {
  const { pass } = fakeClock();
  const slow: Logger = { name: 'slow', logHyperparams: () => {}, logMetrics: () => pass(1) };
  const { run, rows, warnings } = await start({ loggers: [slow] });
  for (let step = 0; step < 2000; step++) {
    run.log({ loss: 1 }, { step });
    pass(9);
  }
  expect(run.overhead.share).toBeCloseTo(0.1, 1);
  expect(warnings).toHaveLength(1);
  expect(new Set(rows.flatMap(Object.keys))).toEqual(new Set(['loss']));
});

test('what is read back from the GPU counts when it arrives', async () => {
  const { pass } = fakeClock();
  const engine: Engine = {
    name: 'fake',
    owns: (value) => value instanceof Map,
    retain: (value) => value,
    read: async (handles) => new Float64Array(handles.length),
    release: () => {},
  };
  const slow: Logger = { name: 'slow', logHyperparams: () => {}, logMetrics: () => pass(2) };
  const { run } = await start({ loggers: [slow], engine });
  await run.endStep();
  for (let step = 0; step < 100; step++) {
    run.log({ loss: new Map() });
    pass(8);
    await run.endStep();
  }
  await run.flush();
  expect(run.overhead.loggingMs).toBeCloseTo(200, -1);
});

test('the version of a run is that of its loggers', async () => {
  const versioned = (version: number | string): Logger => ({ version, logMetrics: () => {}, logHyperparams: () => {} });
  expect((await start({})).run.version).toBe(undefined);
  expect((await start({ loggers: [versioned(3), versioned(3)] })).run.version).toBe(3);
  expect((await start({ loggers: [versioned(3), versioned('version_12')] })).run.version).toBe('n_12');
});
