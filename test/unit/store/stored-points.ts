import { readPoints } from '../../../src/store/pack.ts';
import { readPack } from '../../../src/store/point-pack.ts';
import { keysUnder, type StoreBackend } from '../../../src/store/store-backend.ts';

/** One point as it was logged. */
export interface LoggedPoint {
  readonly seq: number;
  readonly step: number;
  readonly value: number;
}

/** What a reader has to see of a run, by tag in log order, straight from the records: packs up to `compactedTo`, then the journal. */
export async function storedPoints(backend: StoreBackend, runId: string): Promise<Record<string, readonly LoggedPoint[]>> {
  return backend.read(['runs', 'tags', 'packs', 'journal'], async (tx) => {
    const run = await tx.get('runs', runId);
    const { compactedTo = -1 } = run ?? {};
    const names = (await tx.tagsFrom(runId, 0)).map(({ tag }) => tag);
    const found: Record<string, LoggedPoint[]> = {};
    const add = (tag: number, point: LoggedPoint): void => {
      (found[names[tag] ?? `unknown ${tag}`] ??= []).push(point);
    };
    for (const pack of await tx.getAll('packs', keysUnder(runId))) {
      if (pack.unit > compactedTo || pack.level > 0) continue;
      const { tag, seq, step, value } = readPack(pack.bytes);
      tag.forEach((number, row) => add(number, { seq: seq[row] as number, step: step[row] as number, value: value[row] as number }));
    }
    for (const { seq, bytes } of await tx.getAll('journal', { from: [runId, compactedTo + 1], to: [runId, []] })) {
      const { tag, step, value } = readPoints(bytes, (name) => names.indexOf(name));
      tag.forEach((number, row) => add(number, { seq, step: step[row] as number, value: value[row] as number }));
    }
    return found;
  });
}
