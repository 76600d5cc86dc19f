import { ByteWriter, putVarint } from '../../core/byte-writer.ts';
import { maskedCrc32c } from '../crc32c.ts';
import { encodeMessage, writeBytesField, writeMessageField, writeStringField } from '../protobuf.ts';
import { lengthCrc, recordFooterBytes, recordHeaderBytes } from './record.ts';

/** Writes scalars of many tags into one event file. */
export interface ScalarEncoder {
  /** The number under which a tag is written; the same tag gives the same number. */
  tagNumber(tag: string): number;
  /**
   * Appends one record. The first one of each tag carries the metadata by which TensorBoard knows the tag as a scalar.
   * `step` must be a safe integer and `wallTime` finite; the value is rounded to float32.
   */
  write(writer: ByteWriter, tagNumber: number, step: number, wallTime: number, value: number): void;
}

/** How scalars are written. */
export interface ScalarEncoderOptions {
  /** Write `simple_value` instead of a tensor: a third smaller, and read by tools of the TensorFlow 1 era. Default false. */
  readonly legacyScalars?: boolean;
}

// The constant bytes around the four bytes of a value.
interface Around {
  readonly before: Uint8Array;
  readonly behind: Uint8Array;
}

interface KnownTag {
  readonly first: Around;
  readonly later: Around;
  isWritten: boolean;
}

/** Makes a {@link ScalarEncoder} for one file. All that depends on the tag alone is computed once per tag. */
export function createScalarEncoder(options: ScalarEncoderOptions = {}): ScalarEncoder {
  const numbers = new Map<string, number>();
  const known: KnownTag[] = [];

  const tagNumber = (tag: string): number => {
    let number = numbers.get(tag);
    if (number === undefined) {
      number = known.length;
      numbers.set(tag, number);
      const later = options.legacyScalars ? aroundLegacy(tag) : aroundTensor(tag, false);
      known.push({ first: options.legacyScalars ? later : aroundTensor(tag, true), later, isWritten: false });
    }
    return number;
  };

  const write = (writer: ByteWriter, number: number, step: number, wallTime: number, value: number): void => {
    const tag = known[number]!;
    const { before, behind } = tag.isWritten ? tag.later : tag.first;
    tag.isWritten = true;
    const at = writer.reserve(40 + before.length + behind.length);
    const { bytes, view } = writer;
    const start = at + recordHeaderBytes;
    bytes[start] = 0x09; // field 1, wall_time
    view.setFloat64(start + 1, wallTime, true);
    let end = start + 9;
    if (step !== 0) {
      bytes[end] = 0x10; // field 2, step
      end = putVarint(bytes, end + 1, step);
    }
    for (let i = 0; i < before.length; i++) bytes[end + i] = before[i]!;
    end += before.length;
    view.setFloat32(end, value, true);
    end += 4;
    for (let i = 0; i < behind.length; i++) bytes[end + i] = behind[i]!;
    end += behind.length;
    view.setUint32(at, end - start, true);
    view.setUint32(at + 4, 0, true);
    view.setUint32(at + 8, lengthCrc(end - start), true);
    view.setUint32(end, maskedCrc32c(bytes, start, end), true);
    writer.advance(end + recordFooterBytes - at);
  };

  return { tagNumber, write };
}

// Summary{value{tag, tensor{dtype 1, float_val}, metadata{plugin_data{plugin_name "scalars"}}}} without shape and data class.
function aroundTensor(tag: string, isFirst: boolean): Around {
  const metadata = encodeMessage((value) =>
    writeMessageField(value, 9, (part) => writeMessageField(part, 1, (plugin) => writeStringField(plugin, 1, 'scalars'))),
  );
  return splitAtValue((value) => {
    writeStringField(value, 1, tag);
    value.raw(Uint8Array.of(0x42, 0x08, 0x08, 0x01, 0x2a, 0x04));
    const at = value.length;
    value.fixed32(0);
    if (isFirst) value.raw(metadata);
    return at;
  });
}

function aroundLegacy(tag: string): Around {
  return splitAtValue((value) => {
    writeStringField(value, 1, tag);
    value.byte(0x15); // field 2, simple_value
    const at = value.length;
    value.fixed32(0);
    return at;
  });
}

// Wraps a Value into Summary and Event fields and cuts the four bytes out at the offset that `write` tells.
function splitAtValue(write: (value: ByteWriter) => number): Around {
  const value = new ByteWriter(256);
  const at = write(value);
  const fromEnd = value.length - at;
  const bytes = encodeMessage((event) => writeMessageField(event, 5, (summary) => writeBytesField(summary, 1, value.take())));
  return { before: bytes.slice(0, bytes.length - fromEnd), behind: bytes.slice(bytes.length - fromEnd + 4) };
}
