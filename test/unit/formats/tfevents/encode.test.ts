import { expect, test } from 'vitest';
import { ByteWriter } from '../../../../src/core/byte-writer.ts';
import { writeFileVersion, writeSummaryValue } from '../../../../src/formats/tfevents/event.ts';
import { sessionEnd, sessionStart } from '../../../../src/formats/tfevents/hparams.ts';
import { createScalarEncoder } from '../../../../src/formats/tfevents/scalar-encoder.ts';

// The expected bytes were made with the reference protobuf and CRC code, not by this library.

function hex(bytes: Uint8Array | undefined): string {
  return [...(bytes ?? [])].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

test('the file version record has the bytes of the reference writer', () => {
  const writer = new ByteWriter();
  writeFileVersion(writer, 1_700_000_000);
  expect(hex(writer.take())).toBe(
    '18 00 00 00 00 00 00 00 a3 7f 4b 22 09 00 00 00 40 fc 54 d9 41 1a 0d 62 72 61 69 6e 2e 45 76 65 6e 74 3a 32 ec ed 8f 9d',
  );
});

test('a legacy scalar has the bytes of the reference writer', () => {
  const writer = new ByteWriter();
  const scalars = createScalarEncoder({ legacyScalars: true });
  scalars.write(writer, scalars.tagNumber('loss'), 42, 1_700_000_000.25, 0.5);
  expect(hex(writer.take())).toBe(
    '1a 00 00 00 00 00 00 00 12 9b d8 2d 09 00 00 10 40 fc 54 d9 41 10 2a 2a 0d 0a 0b 0a 04 6c 6f 73 73 15 00 00 00 3f 3b 0b d3 cf',
  );
});

test('a negative step takes ten bytes', () => {
  const writer = new ByteWriter();
  const scalars = createScalarEncoder({ legacyScalars: true });
  scalars.write(writer, scalars.tagNumber('a'), -1, 1.5, 1);
  expect(hex(writer.take())).toBe(
    '20 00 00 00 00 00 00 00 29 ed a9 50 09 00 00 00 00 00 00 f8 3f 10 ff ff ff ff ff ff ff ff ff 01 2a 0a 0a 08 0a 01 61 15 00 00 80 3f 12 ef a6 bd',
  );
});

test('the first tensor scalar of a tag has the bytes of the reference writer, later ones leave the metadata out', () => {
  const writer = new ByteWriter();
  const scalars = createScalarEncoder();
  const loss = scalars.tagNumber('loss');
  scalars.write(writer, loss, 42, 1_700_000_000.25, 0.5);
  expect(hex(writer.take())).toBe(
    '2c 00 00 00 00 00 00 00 f4 ae cc 45 09 00 00 10 40 fc 54 d9 41 10 2a 2a 1f 0a 1d 0a 04 6c 6f 73 73 42 08 08 01 2a 04 00 00 00 3f 4a 0b 0a 09 0a 07 73 63 61 6c 61 72 73 1e 99 60 bd',
  );
  scalars.write(writer, loss, 43, 1_700_000_000.25, 0.5);
  expect(hex(writer.take().subarray(12, -4))).toBe(
    '09 00 00 10 40 fc 54 d9 41 10 2b 2a 12 0a 10 0a 04 6c 6f 73 73 42 08 08 01 2a 04 00 00 00 3f',
  );
});

test('the end of a session that succeeded has the known bytes', () => {
  expect(hex(sessionEnd('finished', 0).pluginContent)).toBe('22 0b 08 01 11 00 00 00 00 00 00 00 00');
  expect(hex(sessionEnd('failed', 0).pluginContent?.subarray(0, 4))).toBe('22 0b 08 02');
});

test('hyperparameters keep their type, nested ones are joined with a slash, null is left out', () => {
  const content = sessionStart({ lr: 0.1 }, 1).pluginContent;
  expect(hex(content)).toBe('1a 1a 0a 0f 0a 02 6c 72 12 09 11 9a 99 99 99 99 99 b9 3f 29 00 00 00 00 00 00 f0 3f');
  const text = new TextDecoder('latin1').decode(
    sessionStart({ optimizer: { name: 'adam', beta: null }, shuffle: false, layers: [8, 4], clip: Infinity }, 1).pluginContent,
  );
  expect(text).toContain('optimizer/name\x12\x06\x1a\x04adam');
  expect(text).toContain('shuffle\x12\x02\x20\x00');
  expect(text).toContain('layers\x12\x07\x1a\x05[8,4]');
  expect(text).toContain('clip\x12\x0a\x1a\x08Infinity');
  expect(text).not.toContain('beta');
});

test('a value with plugin metadata and no tensor is framed as an event', () => {
  const writer = new ByteWriter();
  writeSummaryValue(writer, { wallTime: 1.5, step: 0 }, { tag: 'a', pluginName: 'p' });
  expect(hex(writer.take().subarray(12, -4))).toBe('09 00 00 00 00 00 00 f8 3f 2a 0c 0a 0a 0a 01 61 4a 05 0a 03 0a 01 70');
});
