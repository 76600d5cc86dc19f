import { makeZip } from 'client-zip';
import { unzip } from 'unzipit';
import { crcText } from '../../../src/formats/archive/manifest.ts';
import { crc32c } from '../../../src/formats/crc32c.ts';

/** The files of a zip by their paths. */
export async function contentsOf(zip: Blob): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const { entries } = await unzip(zip);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [path, entry] of Object.entries(entries)) files.set(path, new Uint8Array(await entry.arrayBuffer()));
  return files;
}

/** A zip of files, not compressed. */
export async function zipOf(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<Blob> {
  return new Response(makeZip(Array.from(files, ([name, input]) => ({ name, input })))).blob();
}

/** A zip of files, each compressed, as unpacking and packing again makes one. `claim` is what it says of their sizes, by path. */
export async function deflatedZipOf(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  claim: Readonly<Record<string, number>> = {},
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  const utf8 = new TextEncoder();
  for (const [path, bytes] of files) {
    const name = utf8.encode(path);
    const packed = new Uint8Array(
      await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer(),
    );
    const fields = new DataView(new ArrayBuffer(26));
    // Version, flags, method, time, date, checksum, sizes, lengths of name and extra field. Nobody here looks at the checksum.
    for (const [offset, value] of [
      [0, 20],
      [4, 8],
      [22, name.length],
    ] as const)
      fields.setUint16(offset, value, true);
    fields.setUint32(14, packed.length, true);
    fields.setUint32(18, claim[path] ?? bytes.length, true);
    const head = new Uint8Array(fields.buffer);
    const place = new DataView(new ArrayBuffer(14));
    place.setUint32(10, at, true);
    const local = [Uint8Array.of(0x50, 0x4b, 3, 4), head, name, packed];
    directory.push(Uint8Array.of(0x50, 0x4b, 1, 2, 20, 0), head, new Uint8Array(place.buffer), name);
    parts.push(...local);
    at += local.reduce((sum, part) => sum + part.length, 0);
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x0605_4b50, true);
  end.setUint16(8, files.size, true);
  end.setUint16(10, files.size, true);
  end.setUint32(
    12,
    directory.reduce((sum, part) => sum + part.length, 0),
    true,
  );
  end.setUint32(16, at, true);
  return new Blob([...parts, ...directory, end]);
}

/** The same files with some changed, and a manifest that agrees with them: what somebody who means harm would make. */
export function forged(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  changes: Readonly<Record<string, (text: string) => string | Uint8Array<ArrayBuffer>>>,
): Map<string, Uint8Array<ArrayBuffer>> {
  const all = new Map(files);
  const utf8 = new TextEncoder();
  const manifestPath = [...files.keys()].find((path) => path.endsWith('tabtrain-archive.json'))!;
  const root = manifestPath.slice(0, -'tabtrain-archive.json'.length);
  const manifest = JSON.parse(new TextDecoder().decode(files.get(manifestPath))) as {
    files: { path: string; bytes: number; crc32c: string }[];
  };
  delete (manifest as { crc32c?: string }).crc32c;
  for (const [path, change] of Object.entries(changes)) {
    if (path === 'tabtrain-archive.json') continue;
    const changed = change(new TextDecoder().decode(files.get(root + path)));
    const bytes = typeof changed === 'string' ? utf8.encode(changed) : changed;
    all.set(root + path, bytes);
    Object.assign(
      manifest.files.find((file) => file.path === path)!,
      { bytes: bytes.length, crc32c: crcText(crc32c(bytes)) },
    );
  }
  const text = String((changes['tabtrain-archive.json'] ?? ((same) => same))(JSON.stringify(manifest))).slice(0, -1);
  all.set(manifestPath, utf8.encode(`${text},"crc32c":"${crcText(crc32c(utf8.encode(text)))}"}\n`));
  return all;
}
