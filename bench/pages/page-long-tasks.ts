import { type MetricStore, openStore } from 'tabtrain';
import { showPanel } from 'tabtrain/panel';
import { connectTrainer } from 'tabtrain/worker';
import { loadTfjsVis, type TfjsVis } from '../peers/tfjs-vis.js';
import type { api } from './long-tasks.worker.ts';

interface Options {
  readonly seconds: number;
  /** What draws the numbers. */
  readonly panel: 'ours' | 'tfjs-vis';
}

/** One script within a frame that took 50 ms or more. */
interface LongScript {
  readonly milliseconds: number;
  readonly where: string;
}

export interface LongTasksResult {
  readonly steps: number;
  readonly points: number;
  /** Frames in which a canvas was drawn on, and whether any of it can be seen. */
  readonly redraws: number;
  readonly charts: number;
  /** Long animation frames with scripts of this site, and those scripts. */
  readonly longFrames: readonly (readonly LongScript[])[];
}

interface LongAnimationFrame extends PerformanceEntry {
  readonly scripts: readonly (PerformanceEntry & {
    readonly sourceURL: string;
    readonly sourceFunctionName: string;
    readonly invoker: string;
  })[];
}

/** Trains in a worker for some seconds while a panel in this page draws what is logged. Null without tfjs-vis when that is to draw. */
export default async function measure({ seconds, panel }: Options): Promise<LongTasksResult | null> {
  const vis = panel === 'tfjs-vis' ? await loadTfjsVis() : undefined;
  if (panel === 'tfjs-vis' && vis === undefined) return null;
  const stage = document.querySelector<HTMLElement>('#stage');
  if (stage === null) throw new Error('bench: the page has no #stage.');

  const store = await openStore('page-long-tasks');
  const worker = new Worker(new URL('./long-tasks.worker.ts', import.meta.url), { type: 'module' });
  const trainer = connectTrainer<typeof api>(worker, { store });
  const stopDrawing = vis === undefined ? drawOurs(stage, store) : undefined;

  const training = new Promise<string>((resolve) => {
    const undo = trainer.on('step', ({ runId }) => {
      undo();
      resolve(runId);
    });
  });
  const outcome = trainer.fit({ project: 'page-long-tasks', config: { samples: 6400 }, maxEpochs: 1_000_000 });
  const runId = await Promise.race([training, outcome.then(() => Promise.reject(new Error('bench: the training ended at once.')))]);
  const stopPeer = vis === undefined ? undefined : drawWithTfjsVis(stage, store, runId, vis);

  // Loading and compiling are over; now the clock runs.
  await pause(1000);
  const frames = watchFrames();
  performance.mark('bench-begin');
  await pause(seconds * 1000);
  performance.mark('bench-end');
  const seen = frames.stop();

  stopDrawing?.();
  stopPeer?.();
  await trainer.stop({ within: 5000 });
  const { step } = await outcome;
  const points = (await store.tags(runId)).reduce((sum, { count }) => sum + count, 0);
  await trainer.close({ terminate: true });
  await store.close();
  return { steps: step, points, ...seen };
}

function drawOurs(stage: HTMLElement, store: MetricStore): () => void {
  const panel = showPanel(stage, { store, project: 'page-long-tasks' });
  return () => panel.destroy();
}

/** The same numbers as a page with tfjs-vis shows them: kept in arrays, the charts rendered anew ten times a second. */
function drawWithTfjsVis(stage: HTMLElement, store: MetricStore, runId: string, vis: TfjsVis): () => void {
  const series = new Map<string, { surface: HTMLElement; points: { x: number; y: number }[] }>();
  let isDirty = false;
  let isStopped = false;
  const unfollow = store.follow(runId, (chunk) => {
    const ofChunk = chunk.tags.map((tag) => {
      let known = series.get(tag);
      if (known === undefined) {
        known = { surface: document.createElement('div'), points: [] };
        stage.append(known.surface);
        series.set(tag, known);
      }
      return known.points;
    });
    for (let i = 0; i < chunk.tag.length; i++) {
      ofChunk[chunk.tag[i] as number]?.push({ x: chunk.step[i] as number, y: chunk.value[i] as number });
    }
    isDirty = true;
  });
  const draw = async (): Promise<void> => {
    while (!isStopped) {
      if (isDirty) {
        isDirty = false;
        for (const [tag, { surface, points }] of series)
          await vis.render.linechart(surface, { values: [points], series: [tag] }, { height: 200 });
      }
      await pause(100);
    }
  };
  void draw();
  return () => {
    isStopped = true;
    unfollow();
  };
}

function watchFrames(): { stop(): Pick<LongTasksResult, 'redraws' | 'charts' | 'longFrames'> } {
  const longFrames: LongScript[][] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { scripts } = entry as LongAnimationFrame; // the only type observed
      const ours = scripts.filter(({ sourceURL }) => sourceURL.startsWith(location.origin));
      if (ours.length > 0)
        longFrames.push(
          ours.map(({ duration, sourceFunctionName, invoker }) => ({
            milliseconds: duration,
            where: `${sourceFunctionName} (${invoker})`,
          })),
        );
    }
  });
  observer.observe({ type: 'long-animation-frame', buffered: false });

  const drawnOn = new Set<HTMLCanvasElement | OffscreenCanvas>();
  let isDrawn = false;
  let redraws = 0;
  const { stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.stroke = function (this: CanvasRenderingContext2D, ...path: unknown[]) {
    isDrawn = true;
    drawnOn.add(this.canvas);
    Reflect.apply(stroke, this, path);
  };
  let isStopped = false;
  // Keeps frames coming, so that each stretch of script falls into one.
  const frame = (): void => {
    performance.mark('bench-frame');
    if (isDrawn) redraws += 1;
    isDrawn = false;
    if (!isStopped) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return {
    stop() {
      isStopped = true;
      observer.disconnect();
      CanvasRenderingContext2D.prototype.stroke = stroke;
      return { redraws, charts: drawnOn.size, longFrames };
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
