import { LogError } from 'tabtrain';
import type { Notice } from './notices.ts';

type Sentence = readonly [title: string, move?: string];

/** What happened, and the next move on this page. An error without a move here says its own in its message. */
const sentences: Partial<Record<LogError['code'], Sentence>> = {
  'bad-data': ['The digits could not be read'],
  'no-backend': ['This network cannot be trained that way here', 'Choose another way under “Runs on”, or “Best available”.'],
  'worker-died': ['The training worker ended', 'What it had logged is kept in the list of runs. Press Train to begin anew.'],
  'device-lost': ['The GPU was lost', 'The run keeps what was logged. Press Train to try again, or choose WebAssembly under “Runs on”.'],
  'store-full': ['There is no space left for the run', 'Export runs that you want to keep, delete some, and train again.'],
  'store-failed': ['The browser’s database refused', 'Export what you want to keep, then reload the page.'],
  'store-blocked': ['Another tab stands in the way', 'Close the other tabs of this page and reload.'],
  'export-failed': ['The export could not be saved', 'Press the button again, and choose another place if it asks for one.'],
};
const otherwise: Sentence = ['Something went wrong', 'What was logged is kept. Press Train to try again; reload the page if it stays.'];

/** What a person reads when something failed. */
export function noticeFor(key: string, thrown: unknown): Notice {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const [title, move] = (thrown instanceof LogError ? sentences[thrown.code] : undefined) ?? otherwise;
  return { key, level: 'error', title, ...(move === undefined ? { text: message } : { text: move, detail: message }) };
}

/** True when two errors tell the same: one that ends a training comes as an event and as the end of the training. */
export function tellSame(one: unknown, other: unknown): boolean {
  if (!(one instanceof Error) || !(other instanceof Error)) return false;
  if (one instanceof LogError && other instanceof LogError && one.code === other.code) return true;
  return one.message.endsWith(other.message) || other.message.endsWith(one.message);
}
