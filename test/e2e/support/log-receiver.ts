/// <reference types="node" />
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch, Item } from '../../unit/loggers/log-server.ts';
import { keptLines, startProgram } from '../../unit/loggers/receiver-program.ts';

/** The receiver for Node of docs/recipes/receiver.md, as it stands there, in a process of its own. */
export interface LogReceiver {
  readonly url: string;
  /** The items of a run that it keeps, of every batch that it keeps. */
  items(runId: string): readonly Item[];
  /** The ids of all batches that it keeps. */
  batches(): readonly string[];
  close(): Promise<void>;
}

export async function startReceiver(): Promise<LogReceiver> {
  const folder = await mkdtemp(join(tmpdir(), 'tabtrain-receiver-'));
  const { url, stop } = await startProgram('receiver.mjs', folder);
  const kept = (): Batch[] => keptLines(folder).map((line) => JSON.parse(line) as Batch); // what the receiver lets through
  return {
    url: `${url}log`,
    items: (runId) => kept().flatMap(({ batch, items }) => (batch.startsWith(`${runId}:`) ? items : [])),
    batches: () => kept().map(({ batch }) => batch),
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
