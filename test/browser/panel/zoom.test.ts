import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { page } from 'vitest/browser';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import type { MetricStore, SeriesQuery } from '../../../src/store/metric-store.ts';
import { inside, makeRun, open, place, texts } from './fixture.ts';

beforeAll(() => page.viewport(1000, 900));

/** A database of its own, what it is asked about series, and how many of these questions it has still to answer. */
async function openDatabase(): Promise<{ readonly store: MetricStore; readonly asked: SeriesQuery[]; unanswered(): number }> {
  const name = `panel-zoom-${crypto.randomUUID()}`;
  const inner = await openStore(name);
  onTestFinished(async () => {
    await inner.close();
    await deleteStore(name);
  });
  const asked: SeriesQuery[] = [];
  let unanswered = 0;
  const series: MetricStore['series'] = async (runId, tag, query = {}) => {
    asked.push(query);
    unanswered += 1;
    const answer = await inner.series(runId, tag, query);
    unanswered -= 1;
    return answer;
  };
  const store = new Proxy(inner, {
    get(target, key) {
      if (key === 'series') return series;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { store, asked, unanswered: () => unanswered };
}

/** Drags over a plot, from and to these shares of what lies between its axes. */
function drag(plot: HTMLElement, from: number, to: number): void {
  plot.setPointerCapture = () => {};
  const box = plot.getBoundingClientRect();
  const left = 62;
  const at = (share: number): PointerEventInit => ({
    clientX: box.left + left + (box.width - left - 20) * share,
    clientY: box.top + 50,
    button: 0,
  });
  plot.dispatchEvent(new PointerEvent('pointerdown', at(from)));
  plot.dispatchEvent(new PointerEvent('pointerup', at(to)));
}

/** An answer asks for a redraw in the next frame; in the one after that it was drawn. */
const nextFrames = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

/** Goes over a plot with the keyboard, from its left edge to its right one, and gives what the tooltip says: the value at each step. */
function readAll(target: HTMLElement, plot: HTMLElement): ReadonlyMap<number, string> {
  const read = new Map<number, string>();
  const press = (key: string): boolean => plot.dispatchEvent(new KeyboardEvent('keydown', { key }));
  press('Home');
  for (let presses = 0; presses <= 40; presses++) {
    const step = texts(target, '.tip td.number:not(.wide)')[1] ?? '';
    read.set(Number(step.replaceAll(',', '')), texts(target, '.tip td.strong')[0] ?? '');
    press('ArrowRight');
  }
  plot.dispatchEvent(new Event('blur'));
  return read;
}

test('zooming into a long run reads that part and shows each point of it: a spike with its step and value', async () => {
  const { store, asked, unanswered } = await openDatabase();
  const run = await makeRun(store);
  const length = 400_000;
  const spike = 250_000;
  const values = Float64Array.from({ length }, (_, step) => 2 + Math.sin(step / 9_000) + (step % 7) / 20);
  // Of two neighbours in one bucket only the higher one would be known.
  values[spike] = 8.5;
  values[spike + 2] = 9;
  for (let from = 0; from < length; from += 20_000) await run.log('loss', values.subarray(from, from + 20_000), from);
  await store.updateRun(run.id, { status: 'finished', endedAt: 2_000 });
  await store.maintain();
  const target = place();
  const panel = await open(target, { store, smoothing: 0.6 });
  await expect.poll(() => panel.stats.draws).toBe(1);
  expect(asked.splice(0)).toEqual([{ maxPoints: 700 }]);
  const plot = inside(target).querySelector<HTMLElement>('.plot');
  if (!plot) throw new Error('there is no plot');

  const nextDraw = async (gesture: () => void): Promise<void> => {
    const before = panel.stats.draws;
    gesture();
    await expect.poll(() => panel.stats.draws).toBeGreaterThan(before);
    await expect.poll(unanswered).toBe(0);
    await nextFrames();
  };
  // To some 20,000 steps, 1,000, 50 and 25. Each is drawn at once from what is there, and again when the answer has come.
  for (const half of [0.025, 0.025, 0.025, 0.25]) {
    const steps = [...readAll(target, plot).keys()];
    const [first, last] = [Math.min(...steps), Math.max(...steps)];
    const share = (spike - first) / (last - first);
    await nextDraw(() => drag(plot, share - half, share + half));
  }
  expect(asked.splice(0).map(({ axis, maxPoints }) => [axis, maxPoints])).toEqual([...'1234'].map(() => ['step', 3_000]));
  const read = readAll(target, plot);
  expect(read.size).toBeGreaterThan(15);
  expect([read.get(spike), read.get(spike + 2)]).toEqual(['8.500', '9']);
  const steps = [...read.keys()].toSorted((a, b) => a - b);
  expect(steps).toEqual(steps.map((_, row) => (steps[0] ?? NaN) + row));
  for (const [step, shown] of read) expect(Number(shown)).toBeCloseTo(values[step] ?? NaN, 2);

  await nextDraw(() => plot.dispatchEvent(new MouseEvent('dblclick')));
  expect(asked).toEqual([]);
});
