/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CSVLogger, memoryFolder } from '../../../src/loggers/index.ts';

const folder = new URL('../../fixtures/differential/', import.meta.url);

/** What Lightning's trainer gave to its loggers, and the table that its CSVLogger made of it. */
interface Written {
  readonly rows: readonly (readonly [step: number, values: Readonly<Record<string, number | string>>])[];
  readonly csv: string | null;
}

interface Case {
  readonly name: string;
  readonly logs: readonly { readonly name: string }[];
  readonly wrote?: Written;
}

// Where a hook logs an epoch of its own it is a float, which JSON does not tell from the whole number that Lightning adds.
const cases = readdirSync(folder)
  .filter((name) => name.startsWith('schedules-'))
  .flatMap((name) => (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { cases: Case[] }).cases)
  .filter(({ logs }) => logs.every(({ name }) => name !== 'epoch'))
  .flatMap(({ name, wrote }) => (typeof wrote?.csv === 'string' ? [{ name, rows: wrote.rows, csv: wrote.csv }] : []));

test("the rows of Lightning's own schedules become its own tables, byte for byte", async () => {
  expect(cases.length).toBeGreaterThan(600);
  for (const { name, rows, csv } of cases) {
    const memory = memoryFolder();
    const logger = new CSVLogger({ folder: memory, name: '', version: 'run' });
    for (const [step, { epoch, ...values }] of rows) {
      const metrics = Object.fromEntries(Object.entries(values).map(([tag, value]) => [tag, Number(value)]));
      logger.logMetrics(metrics, { step, epoch: Number(epoch), wallTime: 0, ...(epoch === undefined && { isWithoutEpoch: true }) });
      await logger.save();
    }
    expect(await memory.text('run/metrics.csv'), name).toBe(csv);
  }
});
