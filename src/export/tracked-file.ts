import { crcText, type ArchiveFile } from '../formats/archive/manifest.ts';
import { crc32c } from '../formats/crc32c.ts';
import type { ExportFile } from './export-file.ts';

/** A file of which its checksum can be told, and what its maker found out. */
export interface TrackedFile<Found> {
  readonly file: ExportFile;
  /** What was written last; makes the file once more when nobody has taken it yet. */
  written(): Promise<{ readonly entry: Omit<ArchiveFile, 'path'>; readonly found: Found }>;
}

/** Watches the bytes of a file while a sink takes them, so that a list of files with their checksums can follow. */
export function trackedFile<Found>(path: string, make: () => AsyncGenerator<Uint8Array, Found, undefined>): TrackedFile<Found> {
  let last: Awaited<ReturnType<TrackedFile<Found>['written']>> | undefined;
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    const pieces = make();
    let bytes = 0;
    let crc = 0;
    for (;;) {
      const { done, value } = await pieces.next();
      if (done === true) {
        last = { entry: { bytes, crc32c: crcText(crc) }, found: value };
        return;
      }
      bytes += value.length;
      crc = crc32c(value, 0, value.length, crc);
      yield value;
    }
  }
  return {
    file: { path, bytes: { [Symbol.asyncIterator]: watched } },
    async written() {
      if (last === undefined) for await (const _piece of watched());
      return last!; // set at the end of the loop
    },
  };
}
