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
  /** What the database handed over by then. */
  readonly bytes: number;
  readonly requests: number;
}

/** Counts its time from the navigation on, so it has to begin by itself. */
export default async function measure({ charts, runId, readsAll }: Options): Promise<ReloadResult> {
  const reads = countReads();
  // A page has one navigation.
  const { responseStart } = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming;
  const stage = document.querySelector<HTMLElement>('#stage');
  if (stage === null) throw new Error('bench: the page has no #stage.');
  if (readsAll) {
    const store = await openStore(bigStoreName);
    let points = 0;
    for await (const chunk of store.chunks(runId)) points += chunk.value.length;
    if (points === 0) throw new Error('bench: the run is empty.');
    return { milliseconds: performance.now() - responseStart, ...reads };
  }
  const drawn = whenDrawn(charts);
  showPanel(stage, { store: bigStoreName });
  const at = await drawn;
  return { milliseconds: at - responseStart, ...reads };
}

/** Resolves with the time of the frame in which this many canvases show a line. */
function whenDrawn(charts: number): Promise<number> {
  const touched = new Set<HTMLCanvasElement>();
  const done = new Set<HTMLCanvasElement>();
  const { stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.stroke = function (this: CanvasRenderingContext2D, ...path: unknown[]) {
    if (this.canvas instanceof HTMLCanvasElement) touched.add(this.canvas);
    Reflect.apply(stroke, this, path);
  };
  return new Promise((resolve) => {
    const frame = (): void => {
      const now = performance.now();
      for (const canvas of touched) if (!done.has(canvas) && hasLine(canvas)) done.add(canvas);
      touched.clear();
      if (done.size < charts) requestAnimationFrame(frame);
      else {
        CanvasRenderingContext2D.prototype.stroke = stroke;
        resolve(now);
      }
    };
    requestAnimationFrame(frame);
  });
}

/** Lines have a colour; axes and grids are grey. */
function hasLine(canvas: HTMLCanvasElement): boolean {
  if (!canvas.isConnected || canvas.width === 0 || canvas.height === 0) return false;
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  let coloured = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = [pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]];
    if (alpha > 100 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) coloured += 1;
    if (coloured > 200) return true;
  }
  return false;
}
