import { makeZip } from 'client-zip';
import { toLogError } from '../core/errors.ts';
import { combineFiles } from './combine-files.ts';
import type { ExportFile, ExportFiles } from './export-file.ts';
import { openMe } from './open-me.ts';

interface ZipEntry {
  readonly name: string;
  readonly input: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/**
 * Packs files into a zip stream, made as fast as it is read: nothing is held but one piece of one file. At its end lies
 * `OPEN-ME.txt`, which says what is inside and how to open it. Files above 4 GB work (Zip64). The stream errors with an
 * `export-failed` where a file cannot be made.
 *
 * ```ts
 * return new Response(toZip([tfevents(store, ids), csv(store, ids)]));
 * ```
 */
export function toZip(files: ExportFiles): ReadableStream<Uint8Array> {
  return makeZip(entriesOf(files));
}

async function* entriesOf(files: ExportFiles): AsyncGenerator<ZipEntry, void, undefined> {
  const paths: string[] = [];
  try {
    for await (const file of combineFiles(files)) {
      paths.push(file.path);
      yield { name: file.path, input: withTypedErrors(file) };
    }
  } catch (thrown) {
    throw toLogError(thrown, 'export-failed', 'toZip(files)');
  }
  yield { name: 'OPEN-ME.txt', input: oneText(openMe(paths)) };
}

async function* withTypedErrors(file: ExportFile): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  try {
    // Exporters never make shared buffers, which is all that the type argument rules out.
    for await (const piece of file.bytes) yield piece as Uint8Array<ArrayBuffer>;
  } catch (thrown) {
    throw toLogError(thrown, 'export-failed', `toZip(files), file '${file.path}'`);
  }
}

async function* oneText(text: string): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  yield new TextEncoder().encode(text);
}
