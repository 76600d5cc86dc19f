/// <reference types="node" />
import { archive, toZip } from '../../../src/export/index.ts';
import { startRun } from '../../../src/run/index.ts';
import { memoryStore } from '../../../src/store/index.ts';

/** A zip as a person hands it in. */
export interface HandedIn {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export const pupils: readonly string[] = [
  ...['Ada', 'Alan', 'Barbara', 'Claude', 'Donald', 'Dorothy', 'Edsger', 'Emmy', 'Evelyn', 'Frances', 'Fred', 'Geoffrey', 'Grace', 'Hedy'],
  ...['John', 'Joan', 'Karen', 'Katherine', 'Ken', 'Leslie', 'Margaret', 'Mary', 'Niklaus', 'Radia', 'Richard', 'Shafi', 'Sophie', 'Tony'],
  ...['Yann', 'Zofia'],
];

/** What somebody hands in who has trained some times: every run of theirs is named by the project alone. */
export async function handIn(person: string, runs = 1, file = `${person}.zip`): Promise<HandedIn> {
  const store = memoryStore();
  const ids: string[] = [];
  for (let trained = 0; trained < runs; trained++) {
    const run = await startRun({ store, project: 'spirals', config: { lr: 0.01 * (trained + 1) } });
    const pace = 10 + ((person.length * 7 + trained * 5) % 23);
    for (let step = 0; step < 40; step++) run.log({ loss: Math.exp(-step / pace), accuracy: 1 - 0.5 * Math.exp(-step / pace) }, { step });
    await run.finish();
    ids.push(run.id);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of toZip(archive(store, ids))) pieces.push(piece);
  await store.close();
  return { name: file, mimeType: 'application/zip', buffer: Buffer.concat(pieces) };
}
