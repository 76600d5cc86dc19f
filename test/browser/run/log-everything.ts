import { startRun } from '../../../src/run/index.ts';
import { openStore } from '../../../src/store/index.ts';

/** Logs one of everything that is no number into a run of a store of this name, in a page or a worker. Gives back the run's id. */
export async function logEverything(name: string): Promise<string> {
  const store = await openStore(name);
  const problems: string[] = [];
  const run = await startRun({
    store,
    onError: ({ message }) => problems.push(message),
    onWarning: ({ text }) => problems.push(text),
  });
  const canvas = new OffscreenCanvas(2, 1);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas here');
  paint(context, 'red');
  const bitmap = await createImageBitmap(canvas);
  const values = Uint8Array.of(10, 20, 30, 40, 50, 60);
  run.logImage('pixels', { values, shape: [1, 2, 3] });
  values.fill(0);
  run.logImage('canvas', canvas);
  // What was logged is what it was then.
  paint(context, 'blue');
  run.logImage('bitmap', bitmap, { caption: 'as it was' });
  bitmap.close();
  run.logImage('data', context.getImageData(0, 0, 2, 1));
  run.logImage('file', await canvas.convertToBlob({ type: 'image/webp', quality: 1 }));
  run.logImages('grid', [canvas, { values: Uint8Array.of(255, 255), shape: [1, 2] }, await createImageBitmap(canvas)], { columns: 2 });
  run.logImages('batch', { values: Float32Array.of(0, 0.2, 0.4, 0.6), shape: [2, 1, 2, 1] });
  run.logFigure('chart', { type: 'bar', data: { labels: ['a'], datasets: [{ data: [1] }] } });
  run.logFigure('picture', canvas);
  run.logText('text', '<img src=x onerror=alert(1)> **bold**');
  run.logAudio('sound', Float32Array.of(0, 0.5, -0.5), { sampleRate: 8000 });
  run.logHistogram('weights', Float32Array.of(1, 2, 2, 3, Number.NaN), { bins: [0, 2, 4] });
  run.logTable('table', { columns: ['a', 'b'], rows: [[1, 'x']] });
  run.event('halved', { lr: 0.05 });
  run.alert('slow', 'the page is hidden', 'warn');
  run.logGraph({ name: 'net', nodes: [{ name: 'd', op: 'Dense', inputs: [] }] });
  await run.finish();
  if (problems.length > 0) throw new Error(problems.join('\n'));
  await store.close();
  return run.id;
}

function paint(context: OffscreenCanvasRenderingContext2D, color: string): void {
  context.fillStyle = color;
  context.fillRect(0, 0, 2, 1);
}
