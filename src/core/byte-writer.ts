const utf8 = /* @__PURE__ */ new TextEncoder();
const two32 = 0x1_0000_0000;

/**
 * A byte buffer that grows. All numbers are little-endian, as in protocol buffers and event files. Hot loops call
 * {@link reserve}, write into {@link bytes} and {@link view} themselves, and end with {@link advance}.
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #length = 0;

  /** `capacity` is the first size of the buffer in bytes, default 1,024. */
  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(Math.max(capacity, 16));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** The buffer itself. Another one after {@link reserve} or {@link take}. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** A view of the same buffer. */
  get view(): DataView<ArrayBuffer> {
    return this.#view;
  }

  /** Makes room for `count` more bytes and returns the offset at which they go. */
  reserve(count: number): number {
    const wanted = this.#length + count;
    if (wanted > this.#bytes.length) this.#grow(Math.max(wanted, this.#bytes.length * 2));
    return this.#length;
  }

  /** Counts `count` bytes as written that were put behind the end after {@link reserve}. */
  advance(count: number): void {
    this.#length += count;
  }

  byte(value: number): void {
    const at = this.reserve(1);
    this.#bytes[at] = value;
    this.#length = at + 1;
  }

  /** A signed 64-bit integer as a varint: safe integers only, negative ones take ten bytes. */
  varint(value: number): void {
    const at = this.reserve(10);
    this.#length = putVarint(this.#bytes, at, value);
  }

  fixed32(value: number): void {
    const at = this.reserve(4);
    this.#view.setUint32(at, value, true);
    this.#length = at + 4;
  }

  /** An unsigned 64-bit integer; safe integers only. */
  fixed64(value: number): void {
    const at = this.reserve(8);
    this.#view.setUint32(at, value >>> 0, true);
    this.#view.setUint32(at + 4, Math.floor(value / two32), true);
    this.#length = at + 8;
  }

  float32(value: number): void {
    const at = this.reserve(4);
    this.#view.setFloat32(at, value, true);
    this.#length = at + 4;
  }

  float64(value: number): void {
    const at = this.reserve(8);
    this.#view.setFloat64(at, value, true);
    this.#length = at + 8;
  }

  raw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.#bytes.set(bytes, at);
    this.#length = at + bytes.length;
  }

  /** Text as UTF-8 without a length; halves of a surrogate pair become U+FFFD. */
  utf8(text: string): void {
    const at = this.reserve(text.length * 3);
    this.#length = at + utf8.encodeInto(text, this.#bytes.subarray(at)).written;
  }

  /** Hands over what was written, without a copy, and starts again with an empty buffer of the same size. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(this.#bytes.length);
    this.#view = new DataView(this.#bytes.buffer);
    this.#length = 0;
    return taken;
  }

  #grow(capacity: number): void {
    const larger = new Uint8Array(capacity);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Writes a safe integer as a varint at `at` and returns the offset behind it. Needs up to ten bytes of room. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let low = value >>> 0;
  // Two's complement of the upper half: negative numbers are sign-extended to 64 bits.
  let high = value >= 0 && value < two32 ? 0 : Math.floor(value / two32) >>> 0;
  while (high !== 0 || low > 127) {
    bytes[at++] = (low & 127) | 128;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  bytes[at++] = low;
  return at;
}
