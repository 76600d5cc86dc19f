import type { ByteWriter } from '../../core/byte-writer.ts';
import { maskedCrc32c } from '../crc32c.ts';

/** Bytes before and behind the payload of a TFRecord: length and its CRC; CRC of the payload. */
export const recordHeaderBytes = 12;
export const recordFooterBytes = 4;

const lengthBytes = /* @__PURE__ */ new Uint8Array(8);
const lengthView = /* @__PURE__ */ new DataView(lengthBytes.buffer);
const remembered = /* @__PURE__ */ new Uint32Array(1024); // 0 = not computed yet

/** Masked CRC of the eight length bytes. Most records of a file share a few lengths, so small ones are remembered. */
export function lengthCrc(length: number): number {
  const known = length < remembered.length ? remembered[length]! : 0;
  if (known !== 0) return known;
  lengthView.setUint32(0, length, true);
  const crc = maskedCrc32c(lengthBytes);
  if (length < remembered.length) remembered[length] = crc;
  return crc;
}

/** Writes one TFRecord: length, masked CRC of the length, payload, masked CRC of the payload. */
export function writeRecord(writer: ByteWriter, payload: Uint8Array): void {
  writer.fixed64(payload.length);
  writer.fixed32(lengthCrc(payload.length));
  writer.raw(payload);
  writer.fixed32(maskedCrc32c(payload));
}
