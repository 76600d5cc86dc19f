import type { RunInfo } from '../core/run-info.ts';
import { createBreather } from '../core/yield-to-page.ts';
import { crc32c } from '../formats/crc32c.ts';
import type { MetricStore, ScalarChunk, StoredRecord } from '../store/metric-store.ts';
import type { CheckedRun } from './check-archive.ts';
import { readBlocks } from './read-points.ts';
import { readRecords } from './read-records.ts';

const numbers = ['step', 'epoch', 'wallTime', 'value'] as const;
const recordsAtOnce = 256;

type Piece = { readonly generation: number } & (Points | { readonly record: string });

interface Points {
  readonly tags: readonly string[];
  readonly columns: Pick<ScalarChunk, 'tag' | (typeof numbers)[number]>;
}

/**
 * What a run holds: of each generation how many points of each tag and how many records there are, and a number mixed from all of
 * them in their order. How tags lie among each other does not count: compacting changes it.
 */
export type Digest = ReadonlyMap<string, Readonly<Held>>;

interface Held {
  count: number;
  mixed: number;
}

/** The digest of what is read; with `limits`, of no more of each than these count. */
export async function digestOf(pieces: AsyncIterable<Piece>, limits?: Digest): Promise<Digest> {
  const breathe = createBreather();
  const utf8 = new TextEncoder();
  const row = new Float64Array(numbers.length);
  const words = new Int32Array(row.buffer);
  const digest = new Map<string, Held & { readonly limit: number }>();
  const heldOf = (key: string): Held & { readonly limit: number } => {
    const held = digest.get(key) ?? { count: 0, mixed: 0, limit: limits === undefined ? Infinity : (limits.get(key)?.count ?? 0) };
    digest.set(key, held);
    return held;
  };
  for await (const piece of pieces) {
    const { generation } = piece;
    if ('record' in piece) {
      const held = heldOf(`${generation}`);
      const bytes = utf8.encode(piece.record);
      if (held.count < held.limit) held.mixed = crc32c(bytes, 0, bytes.length, held.mixed);
      if (held.count < held.limit) held.count += 1;
    } else {
      const { tags, columns } = piece;
      const ofTag: ReturnType<typeof heldOf>[] = [];
      for (let i = 0; i < columns.tag.length; i++) {
        const tag = columns.tag[i]!;
        const held = (ofTag[tag] ??= heldOf(`${generation} ${tags[tag]}`));
        if (held.count === held.limit) continue;
        // Nobody promises to keep the bits within a NaN.
        for (const [at, name] of numbers.entries()) row[at] = Number.isNaN(columns[name][i]) ? -Number.MIN_VALUE : columns[name][i]!;
        let { mixed } = held;
        for (const word of words) {
          mixed = Math.imul(mixed ^ word, 0x9e37_79b1);
          mixed ^= mixed >>> 15;
        }
        held.mixed = mixed;
        held.count += 1;
      }
    }
    await breathe();
  }
  return digest;
}

/** Whether `other` begins with all that `one` holds. `read` reads `other` again, up to limits. */
export async function isWithin(one: Digest, other: Digest, read: (limits: Digest) => Promise<Digest>): Promise<boolean> {
  const all = [...one];
  const countIn = (key: string): number => other.get(key)?.count ?? 0;
  if (all.some(([key, { count }]) => count > countIn(key))) return false;
  const begin = all.every(([key, { count }]) => count === countIn(key)) ? other : await read(one);
  return all.every(([key, { mixed }]) => mixed === begin.get(key)?.mixed);
}

/** What a run of an archive holds. */
export async function* archivedPieces(run: CheckedRun): AsyncGenerator<Piece, void, undefined> {
  const { tagNames: tags } = run.about;
  for await (const { generation, columns } of readBlocks(await run.pointsFile())) yield { generation, tags, columns };
  for await (const { generation, record, content } of readRecords(await run.recordsFile())) {
    yield { generation, record: textOf(record, content?.sha256, content) };
  }
}

/** What a run of the store holds, as far as archives of the version of `like` keep it, without the contents that were lost there. */
export async function* storedPieces(store: MetricStore, run: RunInfo, like: CheckedRun): AsyncGenerator<Piece, void, undefined> {
  const { id, resumes = [] } = run;
  const { withSuperseded } = like;
  const lost = new Set(like.about.lostContents);
  let generation = 0;
  for await (const columns of store.chunks(id, 0, withSuperseded)) {
    while ((resumes[generation]?.fromSeq ?? Infinity) <= columns.seq) generation += 1;
    yield { generation, tags: columns.tags, columns };
  }
  for (let fromIndex = 0, isMore = true; isMore;) {
    const page = await store.records(id, { fromIndex, limit: recordsAtOnce, withSuperseded });
    for (const record of page) {
      const { content } = record;
      const isKept = content !== undefined && !lost.has(content.hash);
      yield { generation: record.generation, record: textOf(record, content?.hash, isKept ? content : undefined) };
      fromIndex = record.index + 1;
    }
    isMore = page.length === recordsAtOnce;
  }
}

function textOf(
  { kind, tag, step, epoch, wallTime, data }: Pick<StoredRecord, 'kind' | 'tag' | 'step' | 'epoch' | 'wallTime' | 'data'>,
  hash: string | undefined,
  content: { readonly type: string; readonly size: number } | undefined,
): string {
  return JSON.stringify([kind, tag, step, epoch, wallTime, data, content && [content.type, content.size, hash]], (_key, value: unknown) => {
    if (typeof value === 'number') return `${value}`; // of which some are no JSON
    // A view of records is a column, never a DataView.
    return ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value;
  });
}
