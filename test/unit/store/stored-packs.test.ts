import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readPoints } from '../../../src/store/pack.ts';
import { goldenChunks } from './golden-unit.ts';
import { recordOf, unitOf } from './unit-of.ts';

// JSON has only what it has: buffers are in base64.
type Stored = Readonly<Record<string, string | number | readonly number[]>>;

async function fixture<Content>(name: string): Promise<Content> {
  return JSON.parse(await readFile(new URL(`../../fixtures/store/${name}`, import.meta.url), 'utf8')) as Content; // what its README says
}

const toStored = (record: { readonly bytes: ArrayBuffer }): object => ({ ...record, bytes: Buffer.from(record.bytes).toString('base64') });

test('journal, packs, directory and summary have the bytes that were stored before', async () => {
  const stored = await fixture<Record<'journal' | 'packs', Stored[]> & Record<'unit' | 'summary', Stored>>('unit.json');
  const journal = goldenChunks.map((points, seq) => recordOf(seq, points));
  expect(journal.map(toStored)).toEqual(stored.journal);
  const { packs, unit, summary } = unitOf(journal);
  expect(packs.map(toStored)).toEqual(stored.packs);
  expect(toStored(unit)).toEqual(stored.unit);
  expect(toStored(summary)).toEqual(stored.summary);
});

interface Database {
  readonly stores: readonly { readonly name: string; readonly records: readonly Stored[] }[];
  readonly expected: { readonly points: Readonly<Record<string, readonly (readonly (readonly (string | number)[])[])[]>> };
}

test.each(['v1.json', 'v1-first-checksum.json'])('the chunks of %s read as they were logged', async (name) => {
  const { stores, expected } = await fixture<Database>(name);
  const records = (of: string): readonly Stored[] => stores.find((store) => store.name === of)?.records ?? [];
  const tags = records('tags').map(({ tag }) => String(tag));
  const read: Record<string, unknown[]> = {};
  for (const { runId, bytes } of records('journal')) {
    const buffer = Uint8Array.from(Buffer.from(String(bytes), 'base64')).buffer;
    const { tag, step, epoch, wallTime, value } = readPoints(buffer, (found) => tags.indexOf(found));
    (read[String(runId)] ??= []).push(Array.from(tag, (number, row) => [tags[number], step[row], epoch[row], wallTime[row], value[row]]));
  }
  const points = Object.entries(expected.points).filter(([, chunks]) => chunks.length > 0);
  // "-0", "NaN" and the like are strings there.
  const numbers = points.map(([runId, chunks]) => [
    runId,
    chunks.map((chunk) => chunk.map(([tag, ...rest]) => [tag, ...rest.map(Number)])),
  ]);
  expect(numbers.length).toBeGreaterThan(0);
  expect(read).toEqual(Object.fromEntries(numbers));
});
