import { onTestFinished } from 'vitest';
import { memoryStore } from '../../../src/store/index.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { MetricsPanel, showPanel, type PanelOptions } from '../../../src/panel/index.ts';

let stores = 0;

/** A store nobody else has, which counts who follows it. */
export class CountingStore {
  readonly store: MetricStore;
  following = 0;
  watching = 0;
  isClosed = false;

  constructor() {
    const inner = memoryStore(`panel-test-${(stores += 1)}`);
    const counted = <Args extends unknown[]>(subscribe: (...args: Args) => () => void, count: (by: number) => void) => {
      return (...args: Args): (() => void) => {
        const undo = subscribe(...args);
        let isOn = true;
        count(1);
        return () => {
          if (isOn) count(-1);
          isOn = false;
          undo();
        };
      };
    };
    // Calls go to the store itself, which keeps its parts to itself; those that are counted stand in front.
    const own = {
      follow: counted(
        (...args: Parameters<MetricStore['follow']>) => inner.follow(...args),
        (by) => (this.following += by),
      ),
      watchRuns: counted(
        (...args: Parameters<MetricStore['watchRuns']>) => inner.watchRuns(...args),
        (by) => (this.watching += by),
      ),
      close: async () => {
        this.isClosed = true;
        await inner.close();
      },
    };
    this.store = new Proxy(inner, {
      get(target, name) {
        const value: unknown = Reflect.get(name in own ? own : target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
      set: (_, name, value) => Reflect.set(own, name, value),
    });
    onTestFinished(() => inner.close());
  }
}

/** One run that a test writes to, tag by tag. */
export class TestRun {
  readonly #store: MetricStore;
  readonly id: string;
  readonly startedAt: number;
  #seq = 0;

  constructor(store: MetricStore, id: string, startedAt: number) {
    this.#store = store;
    this.id = id;
    this.startedAt = startedAt;
  }

  /** Appends values of one tag at steps `from`, `from + 1`, …, one second apart. */
  async log(tag: string, values: ArrayLike<number>, from = 0): Promise<void> {
    const { length } = values;
    await this.#store.append({
      runId: this.id,
      seq: this.#seq++,
      tags: [tag],
      tag: new Uint16Array(length),
      step: Float64Array.from({ length }, (_, row) => from + row),
      epoch: new Float64Array(length),
      wallTime: Float64Array.from({ length }, (_, row) => this.startedAt + from + row),
      value: Float64Array.from(values),
    });
  }
}

/** A running run, with its lock held until the test ends. */
export async function makeRun(store: MetricStore, name?: string, startedAt = 1_000): Promise<TestRun> {
  const info = await store.createRun({ project: 'spiral', startedAt, ...(name === undefined ? {} : { name }) });
  const lock = await store.lockRun(info.id);
  onTestFinished(() => lock.release());
  return new TestRun(store, info.id, startedAt);
}

/** An element in the page, gone after the test. */
export function place(width = 900): HTMLElement {
  const target = document.createElement('div');
  target.style.width = `${width}px`;
  document.body.append(target);
  onTestFinished(() => target.remove());
  return target;
}

/** A panel in the page, destroyed after the test. */
export async function open(target: HTMLElement, options: PanelOptions): Promise<MetricsPanel> {
  const panel = showPanel(target, { project: 'spiral', theme: 'light', ...options });
  onTestFinished(() => panel.destroy());
  await panel.ready;
  return panel;
}

/** The inside of the panel in `target`. */
export function inside(target: HTMLElement): ShadowRoot {
  const root = target.querySelector('div')?.shadowRoot;
  if (!root) throw new Error('there is no panel in here');
  return root;
}

/** The texts of all elements that match. */
export function texts(target: HTMLElement, selector: string): string[] {
  return [...inside(target).querySelectorAll(selector)].map((node) => node.textContent ?? '');
}

/** How many pixels of a card's canvas have about this colour. */
export function pixelsOf(target: HTMLElement, card: number, [red, green, blue]: readonly [number, number, number]): number {
  const canvas = inside(target).querySelectorAll('canvas')[card];
  const context = canvas?.getContext('2d');
  if (!canvas || !context || canvas.width === 0 || canvas.height === 0) return 0;
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const distance = Math.abs((data[at] ?? 0) - red) + Math.abs((data[at + 1] ?? 0) - green) + Math.abs((data[at + 2] ?? 0) - blue);
    if ((data[at + 3] ?? 0) > 200 && distance < 40) count += 1;
  }
  return count;
}
