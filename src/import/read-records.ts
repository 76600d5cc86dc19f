import { isPlainObject } from '../core/config.ts';
import type { NewRecord } from '../core/records.ts';
import { fromBase64, readPlainJson } from '../formats/archive/plain-json.ts';
import { copyRecord } from '../store/check-record.ts';

/** A record of an archive. */
export interface ArchivedRecord {
  readonly generation: number;
  readonly record: Omit<NewRecord, 'content'>;
  readonly content?: ArchivedContent;
}

/** The content of a record: its bytes where they lie in the record, else their place among the contents. */
export interface ArchivedContent {
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

const pieceBytes = 2 ** 20;
// A line becomes one text, and a text one record.
const mostChars = 2 ** 27;

/** The records of a file of records, some at a time in memory. Throws an `Error` in words where one is not as it should be. */
export async function* readRecords(file: Blob): AsyncGenerator<ArchivedRecord, void, undefined> {
  let line = 0;
  for await (const text of linesOf(file)) {
    line += 1;
    try {
      yield toRecord(readPlainJson(text));
    } catch (thrown) {
      throw new Error(`line ${line}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
    }
  }
}

function toRecord(value: unknown): ArchivedRecord {
  if (!isPlainObject(value)) throw new Error('it is no record');
  const { generation, kind, tag, step, epoch, wallTime, data, content } = value;
  if (!Number.isSafeInteger(generation)) throw new Error('it has no generation');
  // Looked at by the store's own check, which takes what any program passes.
  const record = copyRecord({ kind, tag, step, epoch, wallTime, data } as NewRecord, 'record');
  return { generation: generation as number, record, ...(content === undefined ? {} : { content: toContent(content) }) };
}

function toContent(value: unknown): ArchivedContent {
  const { type, size, sha256, base64 } = isPlainObject(value) ? value : {};
  if (typeof type !== 'string' || !Number.isSafeInteger(size) || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new Error('its content has no type, size or hash');
  }
  const about = { type, size: size as number, sha256 }; // an integer, as looked at
  if (base64 === undefined) return about;
  const bytes = fromBase64(String(base64));
  if (bytes.length !== size) throw new Error(`its content has ${bytes.length} bytes in place of ${String(size)}`);
  return { ...about, bytes };
}

async function* linesOf(file: Blob): AsyncGenerator<string, void, undefined> {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  for (let at = 0; at < file.size; at += pieceBytes) {
    const piece = await file.slice(at, at + pieceBytes).arrayBuffer();
    const lines = (rest + utf8.decode(piece, { stream: true })).split('\n');
    rest = lines.pop()!; // split gives at least one
    if (rest.length > mostChars) throw new Error('a line is too long');
    yield* lines;
  }
  if (rest + utf8.decode() !== '') throw new Error('its end is missing');
}
