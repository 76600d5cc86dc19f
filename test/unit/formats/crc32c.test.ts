import { expect, test } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../src/formats/crc32c.ts';

const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);

test.each([
  ['nothing', new Uint8Array(0), 0x00000000, 0xa282ead8],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa, 0x0fd7fffa],
  ['32 times ff', new Uint8Array(32).fill(255), 0x62a8ab43, 0xf909b029],
  ['00 to 1f', ascending, 0x46dd794e, 0x951f7892],
  ['the check text', new TextEncoder().encode('123456789'), 0xe3069283, 0xc78ab0e5],
  ['the length 24', Uint8Array.of(24, 0, 0, 0, 0, 0, 0, 0), 0x4a65bfe4, 0x224b7fa3],
])('the CRC-32C of %s is the published one, plain and masked', (_name, bytes, crc, masked) => {
  expect(crc32c(bytes)).toBe(crc);
  expect(maskedCrc32c(bytes)).toBe(masked);
});

test('a part of a buffer is checksummed without what lies around it', () => {
  const around = new Uint8Array(50).fill(7);
  around.set(ascending, 9);
  expect(crc32c(around, 9, 41)).toBe(0x46dd794e);
});
