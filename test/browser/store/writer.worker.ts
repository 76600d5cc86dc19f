import { openStore } from '../../../src/store/index.ts';
import { chunkOf } from '../../../src/testing/index.ts';

// Writes a run as another tab would: takes the lock, appends as many chunks as asked for, and goes on living.
async function write({ name, runId, chunks }: { readonly name: string; readonly runId: string; readonly chunks: number }): Promise<void> {
  const store = await openStore(name);
  await store.lockRun(runId);
  await store.createRun({ id: runId, startedAt: 1_700_000_000 });
  for (let seq = 0; seq < chunks; seq++) await store.append(chunkOf(runId, seq, [{ tag: 'x', value: seq, step: seq }]));
  postMessage('written');
}

addEventListener('message', (event) => void write(event.data));
