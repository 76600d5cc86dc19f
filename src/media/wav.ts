import { describe, LogError } from '../core/errors.ts';
import { takeNumbers } from './numbers.ts';
import { badValue, type RecordBody, type Taken, type WarnOfMedia } from './record-body.ts';
import { sayOfMedia } from './words.ts';

/**
 * Takes sound, values in −1…1 of one channel, or a tensor of `(frames, channels)` with one or two, to become WAV of 16 bits. Others are
 * clipped with a warning, NaN is silence. Throws `bad-value` or `bad-options`, quoting `call`.
 */
export function takeAudio(samples: unknown, sampleRate: unknown, call: string, warn: WarnOfMedia): Taken {
  if (typeof sampleRate !== 'number' || !(Number.isSafeInteger(sampleRate) && sampleRate >= 1 && sampleRate <= 1_000_000)) {
    throw new LogError('bad-options', `${call}: sampleRate is ${describe(sampleRate)}, need Hz as a whole number, e.g. 44100.`);
  }
  const numbers = takeNumbers(samples, call);
  const { shape = [], size } = numbers;
  const channels = shape[1] ?? 1;
  if (shape.length > 2 || (channels !== 1 && channels !== 2)) {
    throw badValue(
      call,
      `got a tensor of shape [${shape.join(', ')}], need [frames], [frames, 1] or [frames, 2]. Transpose or reshape it.`,
    );
  }
  if (size === 0) throw badValue(call, 'got no samples.');
  const encode = async (): Promise<RecordBody> => {
    const { wav, isClipped } = encodeWav(await numbers.read(), channels, sampleRate);
    if (isClipped) warn('clipped', sayOfMedia('clipped', { call }));
    return { data: { sampleRate, channels, frames: size / channels }, content: new Blob([wav], { type: 'audio/wav' }) };
  };
  return { bytes: numbers.bytes, encode };
}

function encodeWav(
  samples: ArrayLike<number>,
  channels: number,
  sampleRate: number,
): { readonly wav: ArrayBuffer; readonly isClipped: boolean } {
  const bytes = 2 * samples.length;
  const wav = new ArrayBuffer(44 + bytes);
  const view = new DataView(wav);
  const words: readonly (readonly [at: number, text: string])[] = [
    [0, 'RIFF'],
    [8, 'WAVE'],
    [12, 'fmt '],
    [36, 'data'],
  ];
  for (const [at, text] of words) for (let i = 0; i < 4; i++) view.setUint8(at + i, text.charCodeAt(i));
  view.setUint32(4, 36 + bytes, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  view.setUint32(40, bytes, true);
  let isClipped = false;
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (!(value >= -1 && value <= 1)) isClipped = true;
    view.setInt16(44 + 2 * i, Math.round(32_767 * Math.min(1, Math.max(-1, value))), true); // NaN becomes 0
  }
  return { wav, isClipped };
}
