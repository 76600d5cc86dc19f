// Reflected Castagnoli polynomial. Eight tables of 256: the slicing-by-8 method handles eight bytes per turn.
const tables = /* @__PURE__ */ makeTables();

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i++) made[i] = (made[i - 256]! >>> 8) ^ made[made[i - 256]! & 255]!;
  return made;
}

/** CRC-32C of `bytes[from..to)` as an unsigned number; `before` is that of what comes in front of them, default of nothing. */
export function crc32c(bytes: Uint8Array, from = 0, to: number = bytes.length, before = 0): number {
  let crc = ~before;
  let at = from;
  for (const lastOfEight = to - 8; at <= lastOfEight; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      tables[1792 + (crc & 255)]! ^
      tables[1536 + ((crc >>> 8) & 255)]! ^
      tables[1280 + ((crc >>> 16) & 255)]! ^
      tables[1024 + (crc >>> 24)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!;
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 255]!;
  return ~crc >>> 0;
}

/** The masked form in which TFRecord files store a CRC, so that data holding CRCs can be checksummed itself. */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Masked CRC-32C of `bytes[from..to)`. */
export function maskedCrc32c(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  return maskCrc(crc32c(bytes, from, to));
}
