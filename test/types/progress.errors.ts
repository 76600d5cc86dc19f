// Each line under `@ts-expect-error` must not compile; the type check fails when one does.
import { consoleProgressBar, Trainer } from '../../src/index.ts';
import { showProgress } from '../../src/panel/index.ts';
import { connectTrainer } from '../../src/worker/index.ts';

declare const worker: Worker;
declare const target: HTMLElement;
const trainer = new Trainer();

// What must compile: both kinds of trainers, in both forms.
export function shown(): void {
  showProgress('#progress', trainer, { hide: ['v_num'], leave: true, title: true, refreshRate: 10, theme: 'dark' });
  showProgress(target, connectTrainer(worker), {
    getMetrics: ({ items: { v_num: _, ...rest }, progress }) => ({ ...rest, epoch: progress.epoch }),
  });
  consoleProgressBar(trainer, { print: (line, stays) => void [line.length, stays], width: 20 })();
  consoleProgressBar(connectTrainer(worker));
}

export function wrong(): void {
  // @ts-expect-error -- a list of names
  showProgress(target, trainer, { hide: 'v_num' });
  // @ts-expect-error -- batches, not a switch
  showProgress(target, trainer, { refreshRate: true });
  // @ts-expect-error -- items are numbers and texts
  showProgress(target, trainer, { getMetrics: () => ({ best: [1, 2] }) });
  // @ts-expect-error -- a promise cannot be waited for in a frame
  showProgress(target, trainer, { getMetrics: async () => ({}) });
  // @ts-expect-error -- not a trainer
  showProgress(target, { fit: () => {} });
  // @ts-expect-error -- a theme of the panel
  showProgress(target, trainer, { theme: 'sepia' });
  // @ts-expect-error -- one line at a time
  consoleProgressBar(trainer, { print: (line: string[]) => void line });
}
