import { toLogError } from '../core/errors.ts';
import { createBreather } from '../core/yield-to-page.ts';
import { toBase64, writePlainJson } from '../formats/archive/plain-json.ts';
import type { MetricStore, StoredRecord } from '../store/metric-store.ts';

const recordsAtOnce = 256;
const pieceBytes = 2 ** 20;

/** Everything of a run beside numbers, a page at a time, up to and including record `through`. Default: all that is not superseded. */
export async function* recordsOf(
  store: MetricStore,
  runId: string,
  { through = Infinity, withSuperseded = false }: { readonly through?: number; readonly withSuperseded?: boolean } = {},
): AsyncGenerator<StoredRecord, void, undefined> {
  const breathe = createBreather();
  for (let fromIndex = 0; fromIndex <= through;) {
    const page = await store.records(runId, { fromIndex, limit: recordsAtOnce, withSuperseded });
    for (const record of page) {
      if (record.index > through) return;
      yield record;
      await breathe();
    }
    if (page.length < recordsAtOnce) return;
    fromIndex = page.at(-1)!.index + 1; // a full page has a last one
  }
}

/** Records of a run as lines of JSON. `lost` holds the hashes of contents that cannot be read: their records go without. */
export async function* archiveRecords(
  store: MetricStore,
  runId: string,
  through: number,
  lost: ReadonlySet<string>,
): AsyncGenerator<Uint8Array, { readonly records: number }, undefined> {
  const utf8 = new TextEncoder();
  let records = 0;
  let text = '';
  for await (const { generation, kind, tag, step, epoch, wallTime, data, content } of recordsOf(store, runId, {
    through,
    withSuperseded: true,
  })) {
    const { type, size, hash, inline } = content ?? {};
    const kept =
      hash === undefined || lost.has(hash)
        ? undefined
        : { type, size, sha256: hash, base64: inline === undefined ? undefined : toBase64(new Uint8Array(inline)) };
    text += `${writePlainJson({ generation, kind, tag, step, epoch, wallTime, data, content: kept })}\n`;
    records += 1;
    if (text.length < pieceBytes) continue;
    yield utf8.encode(text);
    text = '';
  }
  if (text !== '') yield utf8.encode(text);
  return { records };
}

/** The bytes of a content, a megabyte at a time. */
export async function* contentPieces(store: MetricStore, record: StoredRecord): AsyncGenerator<Uint8Array, undefined, undefined> {
  const blob = (await store.content(record)) ?? new Blob([]);
  try {
    for (let at = 0; at < blob.size; at += pieceBytes) yield new Uint8Array(await blob.slice(at, at + pieceBytes).arrayBuffer());
  } catch (thrown) {
    throw toLogError(thrown, 'export-failed', `the content of ${record.kind} '${record.tag}'`);
  }
  return undefined;
}
