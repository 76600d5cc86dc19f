import { expect, test, vi } from 'vitest';
import { takeAudio } from '../../../src/media/wav.ts';

const call = "run.logAudio('x')";
const warn = vi.fn<(what: string, text: string) => void>();

test('one channel is a WAV file of 16 bits, byte for byte', async () => {
  const { data, content } = await takeAudio([0, 1, -1, 0.5], 8000, call, warn).encode();
  expect(data).toEqual({ sampleRate: 8000, channels: 1, frames: 4 });
  expect(content?.type).toBe('audio/wav');
  expect(Buffer.from((await content?.arrayBuffer()) ?? new ArrayBuffer(0)).toString('hex')).toBe(
    [
      '52494646' + '2c000000' + '57415645', // RIFF, 44 bytes behind here, WAVE
      '666d7420' + '10000000' + '0100' + '0100', // fmt , 16 bytes, PCM, one channel
      '401f0000' + '803e0000' + '0200' + '1000', // 8,000 Hz, 16,000 bytes a second, 2 bytes a frame, 16 bits
      '64617461' + '08000000', // data, 8 bytes
      '0000' + 'ff7f' + '0180' + '0040',
    ].join(''),
  );
});

test('two channels of a tensor lie beside each other', async () => {
  const values = Float32Array.of(0.1, -0.1, 0.2, -0.2);
  const tensor = { size: 4, shape: [2, 2], data: () => Promise.resolve(values) };
  const { data, content } = await takeAudio(tensor, 44_100, call, warn).encode();
  expect(data).toEqual({ sampleRate: 44_100, channels: 2, frames: 2 });
  const view = new DataView((await content?.arrayBuffer()) ?? new ArrayBuffer(0));
  expect([view.getUint16(22, true), view.getUint32(28, true), view.getUint16(32, true)]).toEqual([2, 176_400, 4]);
  expect([44, 46, 48, 50].map((at) => view.getInt16(at, true))).toEqual([3277, -3277, 6553, -6553]);
  expect(warn).not.toHaveBeenCalled();
});

test('samples outside are clipped with a warning, NaN is silence', async () => {
  const { content } = await takeAudio([2, -Infinity, Number.NaN], 1, call, warn).encode();
  expect([...new Int16Array((await content?.arrayBuffer()) ?? new ArrayBuffer(0), 44)]).toEqual([32_767, -32_767, 0]);
  expect(warn.mock.lastCall?.[1]).toContain(`${call}: samples lie outside −1…1`);
});

test.each<[unknown, unknown, string, string]>([
  [[], 8000, 'bad-value', 'no samples'],
  ['la', 8000, 'bad-value', 'the string "la"'],
  [{ size: 88_200, shape: [2, 44_100], data: () => Promise.resolve([]) }, 8000, 'bad-value', 'Transpose'],
  [{ size: 8, shape: [2, 2, 2], data: () => Promise.resolve([]) }, 8000, 'bad-value', 'need [frames]'],
  [{ size: 1, isDisposed: true, data: () => Promise.resolve([]) }, 8000, 'bad-value', 'has been disposed'],
  [[0], 0, 'bad-options', 'sampleRate is the number 0'],
  [[0], 22_050.5, 'bad-options', 'sampleRate'],
])('%o at %s Hz are refused', (samples, rate, code, text) => {
  expect(() => takeAudio(samples, rate, call, warn)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) }));
  expect(() => takeAudio(samples, rate, call, warn)).toThrow(call);
});
