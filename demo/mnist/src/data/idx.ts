import { LogError } from 'tabtrain';

/** One row of the MNIST images: 28 × 28 bytes, 0 = paper, 255 = ink. */
export const DIGIT_SIDE = 28;
export const DIGIT_BYTES: number = DIGIT_SIDE * DIGIT_SIDE;

/** Which of the two kinds of IDX file is read, and how much of it. */
export interface IdxRequest {
  /** Name for messages, as the server knows it. */
  readonly file: string;
  readonly kind: 'images' | 'labels';
  /** Items wanted, counted from the start. Default: all. Reading stops there, so the rest is not even downloaded. */
  readonly limit?: number;
  /** Called as bytes arrive with the part that is there, 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/** What {@link readIdx} found. */
export interface IdxItems {
  /** Items the file's header announces. */
  readonly announced: number;
  /** Items in `bytes`. */
  readonly count: number;
  /** 784 bytes per image, one per label. */
  readonly bytes: Uint8Array;
}

const anew = 'Reload the page to fetch it again; if that does not help, put the original MNIST file there.';

/**
 * Reads an IDX file of bytes (images or labels), plain or gzipped, and checks its magic number, counts and length.
 * Rejects with a `LogError` (`bad-data`) that names the file, what was found, and the next move.
 */
export async function readIdx(body: ReadableStream<Uint8Array>, request: IdxRequest): Promise<IdxItems> {
  const { file, kind } = request;
  const headerLength = kind === 'images' ? 16 : 8;
  const intake = new Intake(file, await gunzipIfNeeded(body));
  try {
    const header = await intake.take(new Uint8Array(headerLength));
    const announced = readHeader(header, kind, file);
    const count = Math.min(request.limit ?? announced, announced);
    if (request.limit !== undefined && announced < request.limit) {
      throw new LogError('bad-data', `${file}: holds ${announced} ${kind}, need ${request.limit}. ${anew}`);
    }
    const bytes = new Uint8Array(count * (kind === 'images' ? DIGIT_BYTES : 1));
    await intake.take(bytes, request.onProgress);
    if (count === announced && (await intake.hasMore())) {
      throw new LogError('bad-data', `${file}: goes on after the ${announced} ${kind} that its header announces. ${anew}`);
    }
    if (kind === 'labels') checkLabels(bytes, file);
    return { announced, count, bytes };
  } finally {
    await intake.close();
  }
}

function readHeader(header: Uint8Array, kind: 'images' | 'labels', file: string): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const magic = kind === 'images' ? 0x803 : 0x801;
  const found = view.getUint32(0);
  if (found !== magic) {
    const page = header[0] === 0x3c ? ' It looks like a web page: the server probably has no such file.' : '';
    throw new LogError('bad-data', `${file}: starts with ${hex(found)}, ${kind} start with ${hex(magic)}.${page} ${anew}`);
  }
  const count = view.getUint32(4);
  if (kind === 'images' && (view.getUint32(8) !== DIGIT_SIDE || view.getUint32(12) !== DIGIT_SIDE)) {
    throw new LogError('bad-data', `${file}: images are ${view.getUint32(8)} × ${view.getUint32(12)}, need 28 × 28. ${anew}`);
  }
  if (count === 0) throw new LogError('bad-data', `${file}: holds no ${kind}. ${anew}`);
  return count;
}

function checkLabels(labels: Uint8Array, file: string): void {
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) throw new LogError('bad-data', `${file}: label ${wrong} is ${labels[wrong]}, digits end at 9. ${anew}`);
}

function hex(value: number): string {
  return value
    .toString(16)
    .padStart(8, '0')
    .replace(/(..)(?=.)/g, '$1 ');
}

/** Static hosts differ in whether they undo gzip on the way, so the bytes decide. */
async function gunzipIfNeeded(body: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const reader = body.getReader();
  const head = await reader.read();
  const replayed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      if (head.done) controller.close();
      // A fetched body is never backed by shared memory, which is all the narrower type says.
      else controller.enqueue(head.value as Uint8Array<ArrayBuffer>);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const isGzip = head.value?.[0] === 0x1f && head.value[1] === 0x8b;
  return isGzip ? replayed.pipeThrough(new DecompressionStream('gzip')) : replayed;
}

/** Takes exact numbers of bytes from a stream. */
class Intake {
  readonly #file: string;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #left: Uint8Array = new Uint8Array(0);

  constructor(file: string, stream: ReadableStream<Uint8Array>) {
    this.#file = file;
    this.#reader = stream.getReader();
  }

  async take(target: Uint8Array, onProgress?: (part: number) => void): Promise<Uint8Array> {
    let filled = 0;
    while (filled < target.length) {
      if (this.#left.length === 0 && !(await this.#refill(filled, target.length))) {
        throw new LogError('bad-data', `${this.#file}: ends after ${filled} of ${target.length} bytes. ${anew}`);
      }
      const part = this.#left.subarray(0, target.length - filled);
      target.set(part, filled);
      this.#left = this.#left.subarray(part.length);
      filled += part.length;
      onProgress?.(filled / target.length);
    }
    return target;
  }

  async hasMore(): Promise<boolean> {
    return this.#left.length > 0 || (await this.#refill(0, 0));
  }

  /** Lets go of the stream; what was not read is not downloaded. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  async #refill(filled: number, wanted: number): Promise<boolean> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) return false;
        this.#left = value;
        if (value.length > 0) return true;
      }
    } catch (cause) {
      throw new LogError('bad-data', `${this.#file}: breaks off after ${filled} of ${wanted} bytes (${messageOf(cause)}). ${anew}`, {
        cause,
      });
    }
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
