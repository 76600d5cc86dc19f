import { describe, expect, test } from 'vitest';
import { OverheadMeter, Probe } from '../../../src/core/overhead-meter.ts';

function setUp(): { meter: OverheadMeter; warnings: string[]; pass: (ms: number) => void; looks: () => number } {
  let now = 0;
  let looks = 0;
  const warnings: string[] = [];
  const clock = (): number => {
    looks += 1;
    return now;
  };
  const meter = new OverheadMeter({ warn: (_key, text) => warnings.push(text), now: clock });
  return { meter, warnings, pass: (ms) => (now += ms), looks: () => looks };
}

/** Makes steps of so many milliseconds, of which so many go to as many calls. */
function make(
  { meter, pass }: ReturnType<typeof setUp>,
  { steps, stepMs, calls, callMs, inside }: { steps: number; stepMs: number; calls: number; callMs: number; inside?: (ms: number) => void },
): number[] {
  const reported: number[] = [];
  for (let step = 0; step < steps; step++) {
    for (let call = 0; call < calls; call++) {
      const from = meter.calls.enter();
      meter.values += 1;
      if (inside === undefined) pass(callMs);
      else inside(callMs);
      meter.calls.leave(from);
    }
    pass(stepMs - calls * callMs);
    const ms = meter.stepDone();
    if (ms !== undefined) reported.push(ms);
  }
  return reported;
}

describe('a probe', () => {
  test('looks at the clock in one of 61 calls, which counts for all', () => {
    let looks = 0;
    let now = 0;
    const probe = new Probe(() => {
      looks += 1;
      return now;
    }, 61);
    for (let call = 0; call < 6100; call++) {
      const from = probe.enter();
      now += 2;
      probe.leave(from);
    }
    expect(looks).toBe(200);
    expect(probe.ms).toBe(12_200);
  });

  test('is not fooled by calls that are slow in a rhythm', () => {
    for (const rhythm of [2, 4, 8, 10, 64]) {
      let now = 0;
      const probe = new Probe(() => now, 61);
      for (let call = 0; call < 61 * rhythm; call++) {
        const from = probe.enter();
        now += call % rhythm === 0 ? 100 : 1;
        probe.leave(from);
      }
      expect(probe.ms).toBe(61 * (100 + rhythm - 1));
    }
  });

  test('leaves out a call that threw', () => {
    let now = 0;
    const probe = new Probe(() => now);
    probe.enter();
    now += 1000;
    probe.leave(probe.enter());
    expect(probe.ms).toBe(0);
  });
});

describe('the overhead of logging', () => {
  test('is nothing before a step is done', () => {
    const { meter, pass } = setUp();
    expect(meter.overhead).toEqual({ loggingMs: 0, share: 0 });
    pass(100);
    expect(meter.epochDone()).toBe(undefined);
    expect(meter.overhead.share).toBe(0);
  });

  test('is the time in calls and in what is done in bulk, as a share of all time after the first step', () => {
    const all = setUp();
    make(all, { steps: 611, stepMs: 10, calls: 2, callMs: 0.1 });
    const from = all.meter.bulk.enter();
    all.pass(10);
    all.meter.bulk.leave(from);
    // 611 steps of 0.2 ms and 10 ms in bulk; 610 steps of 10 ms and those 10 ms.
    expect(all.meter.overhead.loggingMs).toBeCloseTo(132, 0);
    expect(all.meter.overhead.share).toBeCloseTo(132 / 6110, 3);
  });

  test('is given per step about once a second, and at the end of an epoch', () => {
    const all = setUp();
    const reported = make(all, { steps: 1 + 610, stepMs: 10, calls: 61, callMs: 0.001 });
    expect(reported).toHaveLength(6);
    for (const ms of reported) expect(ms).toBeCloseTo(0.061, 6);
    // Of the ten steps since the last time, but not within a second of it.
    expect(all.meter.epochDone()).toBe(undefined);
    all.pass(1000);
    expect(all.meter.epochDone()).toBeCloseTo(0.061, 6);
    all.pass(1000);
    expect(all.meter.epochDone()).toBe(undefined);
  });

  test('costs one look at the clock per step beside the calls that are measured', () => {
    const all = setUp();
    make(all, { steps: 100, stepMs: 1, calls: 10, callMs: 0.01 });
    // 1,000 calls, 16 of them measured.
    expect(all.looks()).toBe(100 + 32);
  });
});

describe('a warning', () => {
  test('comes once, when more than 5 % of the time goes to logging, and names what for', () => {
    const all = setUp();
    all.meter.part('quick');
    const slow = all.meter.part('slow');
    const inside = (ms: number): void => {
      const from = slow.enter();
      all.pass(ms * 0.9);
      slow.leave(from);
      all.pass(ms * 0.1);
    };
    make(all, { steps: 2000, stepMs: 10, calls: 4, callMs: 0.25, inside });
    expect(all.warnings).toHaveLength(1);
    expect(all.warnings[0]).toMatch(
      /^logging takes 10 % of the time of a step \((1\.0|0\.9\d) of 10 ms\), most of it for: logger 'slow' \(0\.\d+ ms a step\); 4\.0 numbers logged a step\. Log fewer values/,
    );
  });

  test('names scalars read back from the GPU before the numbers beside them', () => {
    const all = setUp();
    make(all, {
      steps: 1000,
      stepMs: 10,
      calls: 20,
      callMs: 0.05,
      inside: (ms) => {
        all.meter.scalars += 1;
        all.meter.values += 1;
        all.pass(ms);
      },
    });
    expect(all.warnings).toEqual([expect.stringMatching(/: 20 scalars read back from the GPU a step; 20 numbers logged a step\./)]);
  });

  test('does not come for 4 %, nor for the first seconds', () => {
    const less = setUp();
    make(less, { steps: 5000, stepMs: 10, calls: 4, callMs: 0.1 });
    expect(less.warnings).toEqual([]);
    const short = setUp();
    make(short, { steps: 450, stepMs: 10, calls: 4, callMs: 1 });
    expect(short.warnings).toEqual([]);
  });
});
