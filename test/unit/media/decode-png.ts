import { crc32, inflateSync } from 'node:zlib';

/** What lies in a PNG of 8 bits a channel: read from the specification, by itself, with Node's zlib. */
export interface DecodedPng {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: readonly number[];
}

/** Throws for a file that breaks a rule. */
export async function decodePng(file: Blob | undefined): Promise<DecodedPng> {
  const bytes = Buffer.from((await file?.arrayBuffer()) ?? new ArrayBuffer(0));
  if (!bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) throw new Error('no PNG');
  const chunks = new Map<string, Buffer>();
  let at = 8;
  while (at < bytes.length) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 4, at + 8 + length);
    if (crc32(body) !== bytes.readUInt32BE(at + 8 + length)) throw new Error(`the checksum of ${body.toString('latin1', 0, 4)} is wrong`);
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += 12 + length;
  }
  if ([...chunks.keys()].join() !== 'IHDR,IDAT,IEND') throw new Error(`chunks are ${[...chunks.keys()].join()}`);
  const header = chunks.get('IHDR') as Buffer; // looked at above
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = new Map([
    [0, 1],
    [2, 3],
    [4, 2],
    [6, 4],
  ]).get(header[9] ?? -1);
  if (channels === undefined || header[8] !== 8 || header.readUIntBE(10, 3) !== 0) throw new Error(`header ${header.toString('hex')}`);
  const rows = inflateSync(chunks.get('IDAT') as Buffer); // looked at above
  const stride = width * channels;
  if (rows.length !== height * (stride + 1)) throw new Error(`${rows.length} bytes of rows`);
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    const [filter, ...row] = rows.subarray(y * (stride + 1), (y + 1) * (stride + 1));
    if (filter !== 0 && filter !== 1) throw new Error(`filter ${filter}`);
    for (let x = 0; x < stride; x++) {
      const left = filter === 1 && x >= channels ? (row[x - channels] as number) : 0;
      row[x] = ((row[x] as number) + left) % 256;
    }
    pixels.push(...row);
  }
  return { width, height, channels, pixels };
}
