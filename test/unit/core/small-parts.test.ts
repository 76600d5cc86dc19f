import { describe, expect, test } from 'vitest';
import { toConfig } from '../../../src/core/config.ts';
import { LogError } from '../../../src/core/errors.ts';
import { LoggerFanOut } from '../../../src/core/logger-fan-out.ts';
import type { Logger } from '../../../src/core/logger.ts';
import { resolveLogOptions } from '../../../src/core/resolve-log-options.ts';
import { folderSafe, nextRunName } from '../../../src/core/run-name.ts';
import { TrainControl } from '../../../src/core/train-control.ts';
import { createWallClock } from '../../../src/core/wall-clock.ts';

function caught(act: () => unknown): LogError {
  try {
    act();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(LogError);
    return thrown as LogError;
  }
  throw new Error('nothing was thrown');
}

describe('names of runs', () => {
  test.each([
    ['spiral', 'spiral'],
    ['a/b\\c:d', 'a-b-c-d'],
    ['what? <no>', 'what- -no-'],
    ['...', 'run'],
    ['ends. ', 'ends'],
    ['CON', 'run-CON'],
    ['com1.txt', 'run-com1.txt'],
    ['Übung 数字', 'Übung 数字'],
    ['../../etc', '-..-etc'],
  ])('%j is kept in a folder called %j', (text, folder) => {
    expect(folderSafe(text)).toBe(folder);
  });

  test('count up within their project', () => {
    expect(nextRunName('spiral', undefined, new Set())).toBe('spiral-1');
    expect(nextRunName('spiral', undefined, new Set(['spiral-1', 'spiral-7', 'other-9']))).toBe('spiral-8');
  });

  test('asked for twice get a number', () => {
    expect(nextRunName('p', 'Baseline', new Set())).toBe('Baseline');
    expect(nextRunName('p', 'Baseline', new Set(['baseline']))).toBe('Baseline-2');
    expect(nextRunName('p', 'Baseline', new Set(['baseline', 'baseline-2']))).toBe('Baseline-3');
  });
});

describe('config', () => {
  test('is copied as plain data', () => {
    const at = new Date(0);
    expect(toConfig({ lr: 1e-3, layers: new Int32Array([128, 10]), at, none: undefined, nested: { a: null } }, 'startRun()')).toEqual({
      lr: 1e-3,
      layers: [128, 10],
      at: '1970-01-01T00:00:00.000Z',
      nested: { a: null },
    });
  });

  test('names the path of what cannot be kept', () => {
    const error = caught(() => toConfig({ optimizer: { make: () => 1 } }, 'startRun()'));
    expect(error.code).toBe('bad-options');
    expect(error.message).toBe('startRun(): config.optimizer.make is a function, need plain data. Write its name or its settings instead.');
  });

  test('refuses a cycle', () => {
    const config: Record<string, unknown> = {};
    config['self'] = config;
    expect(caught(() => toConfig(config, 'startRun()')).message).toContain('config.self refers back to itself');
  });
});

describe('log options', () => {
  test('onEpoch alone does not record the step', () => {
    expect(resolveLogOptions({ onEpoch: true }, () => '')).toMatchObject({ onStep: false, onEpoch: true });
  });

  test('recording nothing is refused with the call', () => {
    const error = caught(() => resolveLogOptions({ onStep: false, onEpoch: false as true }, () => "run.log('loss')"));
    expect(error.message).toBe("run.log('loss'): nothing would be recorded, onStep and onEpoch are both false. Set one of them.");
  });

  test.each([
    [{ step: 1.5 }],
    [{ step: Number.NaN }],
    [{ batchSize: -1 }],
    [{ reduceFx: 'median' as 'mean' }],
    [{ reduceFx: 'toString' as 'mean' }],
  ])('%j is refused', (options) => {
    expect(caught(() => resolveLogOptions(options, () => 'run.log()')).code).toBe('bad-options');
  });
});

describe('the wall clock', () => {
  test('gives seconds and never runs backwards', () => {
    const times = [1_000, 2_500, 2_000, 3_000];
    const clock = createWallClock(() => times.shift() ?? 0);
    expect([clock(), clock(), clock(), clock()]).toEqual([1, 2.5, 2.5, 3]);
  });
});

describe('the logger fan-out', () => {
  test('a logger that throws is named once and the others get every row', async () => {
    const errors: LogError[] = [];
    const seen: number[] = [];
    const bad: Logger = {
      name: 'bad',
      logHyperparams() {},
      logMetrics() {
        throw new Error('disk on fire');
      },
      save: () => Promise.reject(new Error('again')),
    };
    const good: Logger = { logHyperparams: () => {}, logMetrics: (metrics) => seen.push(metrics['loss'] ?? -1) };
    const fanOut = new LoggerFanOut([bad, good], (error) => errors.push(error));
    fanOut.logMetrics({ loss: 1 }, { step: 0, epoch: 0, wallTime: 0 });
    fanOut.logMetrics({ loss: 2 }, { step: 1, epoch: 0, wallTime: 0 });
    await fanOut.save();
    expect(seen).toEqual([1, 2]);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.code).toBe('logger-threw');
    expect(errors[0]?.message).toContain("logger 'bad' failed in logMetrics(): disk on fire");
  });
});

describe('the training control', () => {
  test('a paused loop makes exactly the steps it is allowed', async () => {
    const control = new TrainControl();
    control.pause();
    control.step(2);
    let steps = 0;
    const loop = (async (): Promise<void> => {
      for (;;) {
        await control.whenReady();
        if (control.shouldStop) return;
        steps += 1;
      }
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps).toBe(2);
    expect(control.isPaused).toBe(true);
    control.stop();
    await loop;
    expect(steps).toBe(2);
  });

  test.each([0, -1, 0.5, Number.NaN])('%s steps are refused and change nothing', (count) => {
    const control = new TrainControl();
    control.pause();
    expect(caught(() => control.step(count)).code).toBe('bad-options');
    expect(control.isPaused).toBe(true);
  });

  test('settings are taken once, merged', () => {
    const control = new TrainControl();
    control.set({ lr: 1 });
    control.set({ lr: 2, momentum: 0.9 });
    expect(control.takeSettings()).toEqual({ lr: 2, momentum: 0.9 });
    expect(control.takeSettings()).toBeUndefined();
  });
});
