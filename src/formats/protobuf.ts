import { ByteWriter } from '../core/byte-writer.ts';
import { LogError } from '../core/errors.ts';

/** Wire types of protocol buffers. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Builds one message. */
export function encodeMessage(write: (writer: ByteWriter) => void): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(64);
  write(writer);
  return writer.take();
}

/** int32, int64, uint32, bool and enum fields; safe integers only. Written even when zero. */
export function writeVarintField(writer: ByteWriter, field: number, value: number): void {
  writer.varint((field << 3) | wire.varint);
  writer.varint(value);
}

/** double fields. Written even when zero. */
export function writeDoubleField(writer: ByteWriter, field: number, value: number): void {
  writer.varint((field << 3) | wire.fixed64);
  writer.float64(value);
}

/** string fields. */
export function writeStringField(writer: ByteWriter, field: number, text: string): void {
  writeBytesField(
    writer,
    field,
    encodeMessage((part) => part.utf8(text)),
  );
}

/** bytes, message and packed fields. */
export function writeBytesField(writer: ByteWriter, field: number, bytes: Uint8Array): void {
  writer.varint((field << 3) | wire.bytes);
  writer.varint(bytes.length);
  writer.raw(bytes);
}

/** Embedded messages. */
export function writeMessageField(writer: ByteWriter, field: number, write: (part: ByteWriter) => void): void {
  writeBytesField(writer, field, encodeMessage(write));
}

/**
 * Walks over the fields of one message: `while (reader.next())` look at `reader.field` and call the method of its type,
 * or `skip()`. Throws a {@link LogError} (`bad-data`) where the bytes are no message.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #field = 0;
  #wire = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Number of the field that the reader stands on. */
  get field(): number {
    return this.#field;
  }

  /** True when the field is length-delimited: a message, text, bytes or a packed list. */
  get isDelimited(): boolean {
    return this.#wire === wire.bytes;
  }

  /** Moves to the next field; false at the end. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const key = Number(this.#varint());
    this.#field = Math.floor(key / 8);
    this.#wire = key & 7;
    if (this.#field === 0) throw this.#damaged('a field number of 0');
    return true;
  }

  /** A signed 64-bit integer: a number where it is exact, else a bigint. */
  integer(): number | bigint {
    this.#expect(wire.varint);
    const value = this.#varint();
    if (typeof value === 'number') return value;
    const signed = BigInt.asIntN(64, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  /** Small integers, bools and enums. */
  int(): number {
    return Number(this.integer());
  }

  double(): number {
    this.#expect(wire.fixed64);
    const at = this.#take(8);
    return this.#view.getFloat64(at, true);
  }

  float(): number {
    this.#expect(wire.fixed32);
    const at = this.#take(4);
    return this.#view.getFloat32(at, true);
  }

  /** A length-delimited field, as a view of the same memory. */
  bytes(): Uint8Array {
    this.#expect(wire.bytes);
    const length = Number(this.#varint());
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** A reader for an embedded message. */
  message(): ProtobufReader {
    return new ProtobufReader(this.bytes());
  }

  /** Repeated floats, packed or single. */
  floats(): number[] {
    return this.isDelimited ? this.#packed(4, (view, at) => view.getFloat32(at, true)) : [this.float()];
  }

  /** Repeated doubles, packed or single. */
  doubles(): number[] {
    return this.isDelimited ? this.#packed(8, (view, at) => view.getFloat64(at, true)) : [this.double()];
  }

  /** Repeated integers, packed or single. */
  integers(): (number | bigint)[] {
    if (!this.isDelimited) return [this.integer()];
    const inner = this.message();
    const found: (number | bigint)[] = [];
    inner.#wire = wire.varint;
    while (inner.#at < inner.#bytes.length) found.push(inner.integer());
    return found;
  }

  /** Steps over a field of any type. */
  skip(): void {
    if (this.#wire === wire.varint) this.#varint();
    else if (this.#wire === wire.fixed64) this.#take(8);
    else if (this.#wire === wire.bytes) this.bytes();
    else if (this.#wire === wire.fixed32) this.#take(4);
    else throw this.#damaged(`wire type ${this.#wire}`);
  }

  #packed(size: number, read: (view: DataView, at: number) => number): number[] {
    const bytes = this.bytes();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found: number[] = [];
    for (let at = 0; at + size <= bytes.length; at += size) found.push(read(view, at));
    return found;
  }

  #expect(wanted: number): void {
    if (this.#wire !== wanted) throw this.#damaged(`wire type ${this.#wire} in field ${this.#field}, which needs ${wanted}`);
  }

  // Nearly every varint is short: up to 48 bits a number holds it exactly.
  #varint(): number | bigint {
    const start = this.#at;
    let value = 0;
    for (let factor = 1; factor < 2 ** 49; factor *= 128) {
      const byte = this.#bytes[this.#take(1)]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    this.#at = start;
    return this.#longVarint();
  }

  #longVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#take(1)]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw this.#damaged('a varint of more than ten bytes');
  }

  #take(count: number): number {
    const at = this.#at;
    if (!(count >= 0 && at + count <= this.#bytes.length)) throw this.#damaged('a field that is cut off');
    this.#at = at + count;
    return at;
  }

  #damaged(found: string): LogError {
    return new LogError('bad-data', `reading a protocol buffer: found ${found} near byte ${this.#at}. The file is damaged.`);
  }
}
