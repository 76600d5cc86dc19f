import { LogError } from 'tabtrain';
import type { Notice } from './notices.ts';

const titles: Partial<Record<LogError['code'], string>> = {
  'bad-data': 'The digits could not be read',
  'no-backend': 'This cannot be trained that way here',
  'worker-died': 'The training worker ended',
  'device-lost': 'The GPU was lost',
  'store-full': 'No space left for the run',
  'store-failed': 'The browser’s database refused',
  'store-blocked': 'Another tab stands in the way',
  'run-locked': 'Another tab writes this run',
  'export-failed': 'The export could not be saved',
};

/** What a person reads when something failed: what happened, and (from the error itself) the next move. */
export function noticeFor(key: string, thrown: unknown): Notice {
  const code = thrown instanceof LogError ? thrown.code : undefined;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const title = (code === undefined ? undefined : titles[code]) ?? 'Something went wrong';
  return { key, level: 'error', title, text };
}
