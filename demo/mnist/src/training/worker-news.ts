import type { BackendChoice } from 'tabtrain';

/** What the worker tells while it makes a model, before the training itself has anything to tell. */
export type WorkerNews =
  | { readonly news: 'choice'; readonly backend?: BackendChoice; readonly networkReason: string }
  /** Part of the training digits that has arrived, 0 to 1. */
  | { readonly news: 'digits'; readonly part: number }
  /** How many test digits each epoch is tested on. */
  | { readonly news: 'test'; readonly count: number };

/** True for messages of ours; the library's own travel on the same channel. */
export function isWorkerNews(data: unknown): data is WorkerNews {
  return typeof data === 'object' && data !== null && 'news' in data;
}
