import { readRecords } from '../formats/tfevents/read-records.ts';
import { decodeEvent } from '../formats/tfevents/read.ts';
import { createBreather } from '../core/yield-to-page.ts';

const sliceBytes = 256 * 1024;

/** True for an event file whose first record says that `writer` wrote it. */
export async function isEventFileOf(there: Blob, writer: string): Promise<boolean> {
  const start = new Uint8Array(await there.slice(0, sliceBytes).arrayBuffer());
  try {
    const [first] = readRecords(start);
    return first !== undefined && first.isIntact && decodeEvent(first.payload).writer === writer;
  } catch {
    return false; // no event at all: not ours
  }
}

/**
 * True when the new table loses nothing of the old one: every line of the old is found in the new, in the same order, the
 * first at the first, with nothing or further columns behind. So a table of another run, or one that someone changed by
 * hand, is never taken for an earlier one. Both are read in pieces.
 */
export async function isTableWithin(there: Blob, table: AsyncIterable<Uint8Array>): Promise<boolean> {
  const breathe = createBreather();
  const old = linesOf(piecesOf(there));
  try {
    let wanted = await old.next();
    let isFirst = true;
    for await (const line of linesOf(table)) {
      if (wanted.done) return true;
      if (line.startsWith(wanted.value) && (line.length === wanted.value.length || line[wanted.value.length] === ',')) {
        wanted = await old.next();
      } else if (isFirst) return false;
      isFirst = false;
      await breathe();
    }
    return wanted.done === true;
  } catch (thrown) {
    if (thrown instanceof TypeError) return false; // bytes that are no UTF-8: not ours
    throw thrown;
  }
}

async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < blob.size; at += sliceBytes) yield new Uint8Array(await blob.slice(at, at + sliceBytes).arrayBuffer());
}

// What stands behind the last line end counts as a line unless it is empty.
async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + utf8.decode(piece, { stream: true })).split('\r\n');
    rest = lines.pop()!; // split gives at least one
    yield* lines;
  }
  rest += utf8.decode();
  if (rest !== '') yield rest;
}
