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
  /** Nothing reaches it until it is plugged in. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<LogReceiver> {
  const folder = await mkdtemp(join(tmpdir(), 'tabtrain-receiver-'));
  let program = await startProgram('receiver.mjs', folder);
  const { url } = program;
  const kept = (): Batch[] => keptLines(folder).map((line) => JSON.parse(line) as Batch); // what the receiver lets through
  return {
    url: `${url}log`,
    items: (runId) => kept().flatMap(({ batch, items }) => (batch.startsWith(`${runId}:`) ? items : [])),
    batches: () => kept().map(({ batch }) => batch),
    unplug: () => program.stop(),
    async plugIn() {
      program = await startProgram('receiver.mjs', folder, {}, Number(new URL(url).port));
    },
    async close() {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
