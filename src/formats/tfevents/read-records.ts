import { maskedCrc32c } from '../crc32c.ts';
import { lengthCrc, recordFooterBytes, recordHeaderBytes } from './record.ts';

/** One record of a TFRecord file. */
export interface TfRecord {
  /** Where the record begins in the file, in bytes. */
  readonly offset: number;
  /** A view of the file's memory. */
  readonly payload: Uint8Array;
  /** False when the payload does not fit its CRC. Its length was right, so reading goes on behind it. */
  readonly isIntact: boolean;
}

/** What was found while reading. Filled in as records are taken. */
export interface ReadReport {
  records: number;
  /** Records whose payload does not fit its CRC. */
  damagedRecords: number;
  /** Where a record is cut off at the end of the file; normal for a file that is still being written. */
  truncatedAt: number | undefined;
  /** Where a length does not fit its CRC. Nothing behind it can be read. */
  brokenAt: number | undefined;
}

/** A report to hand to {@link readRecords}. */
export function createReadReport(): ReadReport {
  return { records: 0, damagedRecords: 0, truncatedAt: undefined, brokenAt: undefined };
}

/** Yields the records of a TFRecord file, with both CRCs checked. Never throws: `report` says what was wrong. */
export function* readRecords(bytes: Uint8Array, report: ReadReport = createReadReport()): Generator<TfRecord, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  while (offset < bytes.length) {
    const start = offset + recordHeaderBytes;
    if (start > bytes.length) {
      report.truncatedAt = offset;
      return;
    }
    const length = view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000;
    if (view.getUint32(offset + 8, true) !== crcOfLength(bytes, offset, length)) {
      report.brokenAt = offset;
      return;
    }
    const end = start + length;
    if (end + recordFooterBytes > bytes.length) {
      report.truncatedAt = offset;
      return;
    }
    const isIntact = view.getUint32(end, true) === maskedCrc32c(bytes, start, end);
    report.records += 1;
    if (!isIntact) report.damagedRecords += 1;
    yield { offset, payload: bytes.subarray(start, end), isIntact };
    offset = end + recordFooterBytes;
  }
}

function crcOfLength(bytes: Uint8Array, offset: number, length: number): number {
  return length < 0x1_0000_0000 ? lengthCrc(length) : maskedCrc32c(bytes, offset, offset + 8);
}
