import { expect, test } from 'vitest';
import { encodeNpy } from '../../../src/formats/npy.ts';

// numpy.save of numpy.array([[1, 2]], dtype='<f4'), NumPy 2.
const golden =
  "\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }" +
  ' '.repeat(58) +
  '\n\u0000\u0000\u0080?\u0000\u0000\u0000@';

test('numbers are kept as NumPy keeps them', () => {
  const bytes = encodeNpy(Float32Array.of(1, 2), [1, 2]);
  expect(String.fromCharCode(...bytes)).toBe(golden);
});

test('one dimension is written as a tuple of one', () => {
  const text = String.fromCharCode(...encodeNpy(Uint8Array.of(1, 2, 3), [3]));
  expect(text).toContain("'descr': '|u1', 'fortran_order': False, 'shape': (3,), }");
});
