import { createWarner } from '../../../src/core/warnings.ts';
import type { UnsavedPoints } from '../../../src/store/series-types.ts';
import { Unsaved } from '../../../src/store/unsaved.ts';

let undo: (() => void) | undefined;

// Holds the points that it is sent, as a writer whose database is full does; lets them go when it is sent none.
addEventListener('message', ({ data }: MessageEvent<{ name: string; points: readonly UnsavedPoints[] }>) => {
  undo?.();
  undo = undefined;
  if (data.points.length > 0) {
    undo = new Unsaved({ name: data.name, kind: 'indexeddb', warn: createWarner() }).offer('a', () => data.points);
  }
  postMessage('done');
});
