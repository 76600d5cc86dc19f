import { openStore } from 'tabtrain';
import { showPanel } from 'tabtrain/panel';
import { bigStoreName } from './big-run.ts';
import { countReads } from './counted-reads.ts';

interface Options {
  readonly charts: number;
  readonly runId: string;
  /** Instead of the panel: reads every point of the run, as a page without an index has to before it can draw. */
  readonly readsAll: boolean;
}

export interface ReloadResult {
  /** Milliseconds from the first byte of the page's answer to the frame in which the last chart has its line. */
  readonly milliseconds: number;
  /** The same until our script runs, and until the first chart has its line. */
  readonly script: number;
  readonly first: number;
  /** What the database handed over by then. */
  readonly bytes: number;
  readonly requests: number;
}

/** Counts its time from the navigation on, so it has to begin by itself. */
export default async function measure({ charts, runId, readsAll }: Options): Promise<ReloadResult> {
  const reads = countReads();
  const began = performance.now();
  // A page has one navigation.
  const { responseStart } = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming;
  const stage = document.querySelector<HTMLElement>('#stage');
  if (stage === null) throw new Error('bench: the page has no #stage.');
  if (readsAll) {
    const store = await openStore(bigStoreName);
    let points = 0;
    for await (const chunk of store.chunks(runId)) points += chunk.value.length;
    if (points === 0) throw new Error('bench: the run is empty.');
    const milliseconds = performance.now() - responseStart;
    return { milliseconds, script: began - responseStart, first: milliseconds, ...reads };
  }
  const drawn = whenDrawn(charts);
  showPanel(stage, { store: bigStoreName });
  const { first, last } = await drawn;
  return { milliseconds: last - responseStart, script: began - responseStart, first: first - responseStart, ...reads };
}

/** Resolves with the time of the frame in which this many canvases have got a line; looking at their pixels comes after. */
async function whenDrawn(charts: number): Promise<{ readonly first: number; readonly last: number }> {
  const lined = new Set<HTMLCanvasElement>();
  let first = 0;
  const { stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.stroke = function (this: CanvasRenderingContext2D, ...path: unknown[]) {
    if (this.canvas instanceof HTMLCanvasElement && typeof this.strokeStyle === 'string' && isColoured(this.strokeStyle))
      lined.add(this.canvas);
    Reflect.apply(stroke, this, path);
  };
  const last = await new Promise<number>((resolve) => {
    const frame = (): void => {
      if (lined.size > 0) first ||= performance.now();
      if (lined.size < charts) requestAnimationFrame(frame);
      else resolve(performance.now());
    };
    requestAnimationFrame(frame);
  });
  CanvasRenderingContext2D.prototype.stroke = stroke;
  const shown = [...lined].filter(hasLine).length;
  if (shown < charts) throw new Error(`bench: only ${shown} of ${lined.size} charts show a line.`);
  return { first, last };
}

/** Lines have a colour; axes and grids are grey. As canvases give their styles back: `#rrggbb` or `rgba(r, g, b, a)`. */
function isColoured(style: string): boolean {
  const channels = style.startsWith('#')
    ? [1, 3, 5].map((i) => Number.parseInt(style.slice(i, i + 2), 16))
    : (style.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  return Math.max(...channels) - Math.min(...channels) > 60;
}

function hasLine(canvas: HTMLCanvasElement): boolean {
  if (!canvas.isConnected || canvas.width === 0 || canvas.height === 0) return false;
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  let coloured = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = [pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]];
    if (alpha > 100 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) coloured += 1;
  }
  return coloured > 200;
}
