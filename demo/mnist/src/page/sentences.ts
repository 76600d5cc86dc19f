import { LogError } from 'tabtrain';
import type { Notice } from '../../../shared/notices.ts';

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

/** A deleted run can be had back for this long: milliseconds. The store keeps it for as long. */
export const UNDO_FOR = 10_000;

/** The run was deleted, and can still be had back. */
export function deleted(key: string, name: string, undo: () => void): Notice {
  const text = 'Its numbers and charts are gone for good in ten seconds.';
  return { key, level: 'info', title: `Deleted ${name}`, text, action: { label: 'Undo', run: undo } };
}

/** Undo came too late. */
export function goneForGood(key: string, name: string): Notice {
  return { key, level: 'info', title: `${name} is gone`, text: 'It was deleted more than ten seconds ago and cannot be had back.' };
}

/** The run was deleted where this tab is not asked. */
export function deletedElsewhere(key: string): Notice {
  return { key, level: 'info', title: 'Training stopped', text: 'This run was deleted in another tab, so training was stopped.' };
}

/** The worker ended before it had said a word: its script is missing, blocked or out of reach. */
export function notLoaded(key: string, thrown: LogError): Notice {
  const title = 'The training program could not be loaded';
  return { key, level: 'error', title, text: 'Check the connection and reload.', detail: thrown.message };
}

/** True when the run that is being stored is no longer in the store. */
export function isDeleted(thrown: unknown): boolean {
  return thrown instanceof LogError && thrown.code === 'run-not-found';
}

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
