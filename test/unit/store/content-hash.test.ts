import { createHash } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { contentHash } from '../../../src/store/content-hash.ts';
import { Sha256 } from '../../../src/store/sha256.ts';

afterEach(() => vi.unstubAllGlobals());

// The examples of FIPS 180-4 and of NIST's validation suite for byte messages.
const examples: readonly (readonly [text: string, hex: string])[] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
  [
    'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
    'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
  ],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
];

test.each(examples)('our SHA-256 and the page’s give what the standard says', async (text, hex) => {
  expect(await contentHash(new Blob([text]))).toBe(hex);
  vi.stubGlobal('crypto', {});
  expect(await contentHash(new Blob([text]))).toBe(hex);
});

test('our SHA-256 equals another at every length around its blocks, in pieces of any size', () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) % 256);
    const hash = new Sha256();
    for (let at = 0; at < length; at += (length % 67) + 1) hash.update(bytes.subarray(at, at + (length % 67) + 1));
    expect(hash.hex()).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});

test('a content too large for WebCrypto is read in pieces and has the same hash', async () => {
  const digest = vi.fn<() => void>();
  vi.stubGlobal('crypto', { subtle: { digest } });
  const bytes = Uint8Array.from({ length: 1_000_001 }, (_, i) => i % 251);
  expect(await contentHash(new Blob([bytes]), 1_000_000)).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(digest).not.toHaveBeenCalled();
});
