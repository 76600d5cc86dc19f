/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../../src/core/byte-writer.ts';
import { createReadReport, readRecords } from '../../../../src/formats/tfevents/read-records.ts';
import { decodeEvent, readScalars } from '../../../../src/formats/tfevents/read.ts';
import type { TfScalars } from '../../../../src/formats/tfevents/read.ts';
import { createScalarEncoder } from '../../../../src/formats/tfevents/scalar-encoder.ts';

interface Point {
  readonly step: number;
  readonly value?: number | string;
  readonly wall_time: number;
}
interface Facts {
  readonly records: number;
  readonly file_version: string;
  readonly tags: Record<
    string,
    { count: number; first: Point; last: Point; value_sum?: number; kinds: Record<string, number>; plugin: string | null }
  >;
}

const folder = new URL('../../../fixtures/tfevents/', import.meta.url);
// The shape of facts.json is described in the README beside it.
const facts = JSON.parse(readFileSync(new URL('facts.json', folder), 'utf8')) as Record<string, Facts>;
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));

test.each(Object.entries(facts))('the scalars of %s are those that another parser found', (name, wanted) => {
  const { tags, report } = readScalars(fixture(name));
  expect(report).toEqual({ records: wanted.records, damagedRecords: 0, truncatedAt: undefined, brokenAt: undefined });
  const scalarTags = Object.entries(wanted.tags).filter(([, fact]) => fact.first.value !== undefined);
  expect([...tags.keys()].sort()).toEqual(scalarTags.map(([tag]) => tag).sort());
  const wantedByTag = scalarTags.map(([tag, { count, first, last, value_sum: sum }]) => [
    tag,
    { count, first: pointOf(first), last: pointOf(last), sum },
  ]);
  const foundByTag = scalarTags.map(([tag]) => [tag, summaryOf(tags.get(tag)!)]);
  expect(foundByTag).toEqual(wantedByTag);
});

function pointOf({ step, value, wall_time }: Point): Point {
  return { step, value: value!, wall_time };
}

function summaryOf({ steps, values, wallTimes }: TfScalars): unknown {
  const sum = values.reduce((total, value) => total + value, 0);
  const at = (i: number): unknown => ({ step: steps.at(i), value: jsonNumber(values.at(i)!), wall_time: wallTimes.at(i) });
  return { count: values.length, first: at(0), last: at(-1), sum: Number.isFinite(sum) ? sum : undefined };
}

function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function threePoints(): Uint8Array {
  const writer = new ByteWriter();
  const scalars = createScalarEncoder();
  for (const step of [1, 2, 3]) scalars.write(writer, scalars.tagNumber('x'), step, 10 + step, step / 2);
  return writer.take();
}

test('a record that is cut off at the end is told with its place, the records before it are read', () => {
  const bytes = threePoints();
  const { tags, report } = readScalars(bytes.subarray(0, bytes.length - 3));
  expect(tags.get('x')?.steps).toEqual([1, 2]);
  expect(report.truncatedAt).toBe(57 + 44);
  expect(readScalars(bytes.subarray(0, 57 + 5)).report.truncatedAt).toBe(57);
});

test('a flipped bit in a payload loses that record only and is counted', () => {
  const bytes = threePoints();
  bytes[57 + 40]! ^= 1;
  const { tags, report } = readScalars(bytes);
  expect(tags.get('x')?.steps).toEqual([1, 3]);
  expect(report).toMatchObject({ records: 3, damagedRecords: 1 });
});

test('a wrong length ends the reading with its place told', () => {
  const bytes = threePoints();
  bytes[57] = 99;
  const report = createReadReport();
  expect([...readRecords(bytes, report)].length).toBe(1);
  expect(report.brokenAt).toBe(57);
});

test('steps beyond the safe integers are kept exactly', () => {
  const payload = Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);
  expect(decodeEvent(payload).step).toBe(9223372036854775807n);
});

test('bytes that are no event are refused with a typed error', () => {
  expect(() => decodeEvent(Uint8Array.of(0x0a, 0x7f, 0x01))).toThrow(expect.objectContaining({ name: 'LogError', code: 'bad-data' }));
});
