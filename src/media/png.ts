/** Pixels as bytes, row by row, the channels of a pixel beside each other. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Grey; grey and alpha; red, green and blue; these and alpha, which does not multiply them. */
  readonly channels: 1 | 2 | 3 | 4;
  readonly bytes: Uint8Array;
}

/** Colour types of PNG by number of channels. */
const colorTypes = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;

/**
 * Pixels as a PNG file of 8 bits a channel, exactly, which a canvas does not promise: it multiplies colours by alpha, and some
 * browsers add noise to what is read from one. Compressed where the platform has `CompressionStream`, else stored.
 */
export async function encodePng({ width, height, channels, bytes }: Pixels): Promise<Blob> {
  const stride = width * channels;
  const rows = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    // Filter 1: each byte as its difference to that of the pixel on the left, which compresses better.
    const [from, to] = [y * stride, y * (stride + 1)];
    rows[to] = 1;
    for (let x = 0; x < stride; x++) rows[to + 1 + x] = bytes[from + x]! - (x < channels ? 0 : bytes[from + x - channels]!);
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, colorTypes[channels]], 8);
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('IDAT', await zlib(rows)),
    chunk('IEND', new Uint8Array(0)),
  ];
  return new Blob(parts, { type: 'image/png' });
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(data.length + 12);
  const view = new DataView(whole.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) whole[4 + i] = type.charCodeAt(i);
  whole.set(data, 8);
  view.setUint32(8 + data.length, crc32(whole.subarray(4, 8 + data.length)));
  return whole;
}

async function zlib(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (typeof CompressionStream === 'undefined') return stored(bytes);
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

/** RFC 1950 and 1951 without compression: blocks of at most 65,535 bytes. */
function stored(bytes: Uint8Array): Uint8Array {
  const most = 0xffff;
  const blocks = Math.max(1, Math.ceil(bytes.length / most));
  const whole = new Uint8Array(bytes.length + 5 * blocks + 6);
  const view = new DataView(whole.buffer);
  view.setUint16(0, 0x7801);
  let at = 2;
  for (let i = 0; i < blocks; i++) {
    const block = bytes.subarray(i * most, (i + 1) * most);
    whole[at] = Number(i === blocks - 1);
    view.setUint16(at + 1, block.length, true);
    view.setUint16(at + 3, ~block.length, true);
    whole.set(block, at + 5);
    at += 5 + block.length;
  }
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  view.setUint16(at, b);
  view.setUint16(at + 2, a);
  return whole;
}

let crcs: Uint32Array | undefined;

function crc32(bytes: Uint8Array): number {
  crcs ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && 0xedb88320);
    return crc;
  });
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcs[(crc ^ byte) & 255]!;
  return ~crc >>> 0;
}
