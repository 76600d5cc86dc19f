import { defineWords, type Say } from '../core/words.ts';

/** What a page hears about its worker. */
export const workerTexts = {
  'not-ready': 'Worker not ready',
  silent: 'The worker has not called exposeTrainer() for 10 seconds. It may still be loading; if not, look whether its file calls it.',
  warning: 'Warning',
  store: 'Store',
} as const;

/** Says what a page hears about its worker. */
export const sayOfWorker: Say<typeof workerTexts> = /* @__PURE__ */ defineWords('worker', workerTexts);
