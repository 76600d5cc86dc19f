/// <reference types="node" />
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { httpLogger } from '../../../src/loggers/index.ts';
import { startRun } from '../../../src/run/index.ts';
import type { Batch } from './log-server.ts';
import { keptLines, type ReceiverProgram, startProgram } from './receiver-program.ts';

/** What every receiver of the docs has to do. */
export function checkReceiver(name: 'receiver.mjs' | 'receiver.py'): void {
  describe(`${name} of the docs`, () => {
    let folder: string;
    let receiver: ReceiverProgram | undefined;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tabtrain-receiver-'));
    });
    afterEach(async () => {
      await receiver?.stop();
      receiver = undefined;
      rmSync(folder, { recursive: true, force: true });
    });
    const start = async (env?: Readonly<Record<string, string>>): Promise<void> => {
      receiver = await startProgram(name, folder, env);
    };
    const post = async (body: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
      (await fetch(receiver!.url, { method: 'POST', body, headers })).status;

    test('keeps a run, each batch once, also after it was killed in the middle of one', async () => {
      await start();
      const run = await startRun({ store: false, project: 'p', loggers: [httpLogger(receiver!.url, { maxBatchBytes: 500 })] });
      for (let step = 0; step < 20; step++) run.log({ 'loss ä': step === 7 ? NaN : step }, { step });
      await run.finish();
      const lines = keptLines(folder);
      const batches = lines.map((line) => JSON.parse(line) as Batch); // what the receiver lets through
      const rows = batches.flatMap(({ items }) => items.filter(({ type }) => type === 'metrics'));
      expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, step) => step));
      expect(rows[7]?.['metrics']).toEqual({ 'loss ä': 'NaN' });
      expect(lines.length).toBeGreaterThan(3);

      for (const line of lines) expect(await post(line)).toBe(204);
      expect(keptLines(folder)).toEqual(lines);
      await receiver?.stop();
      const torn = lines[0]!.replace(batches[0]!.batch, `${run.id}:torn:0`);
      appendFileSync(join(folder, 'kept', `${run.id}.jsonl`), torn.slice(0, -3));
      await start();
      await receiver?.stop();
      await start();
      for (const line of [...lines, torn]) expect(await post(line)).toBe(204);
      expect(keptLines(folder)).toEqual([...lines, torn.slice(0, -3), torn]);
    });

    test('answers other origins, asks for its token, and refuses what is no batch', async () => {
      await start({ TOKEN: 'abc' });
      const asked = await fetch(receiver!.url, { method: 'OPTIONS' });
      expect([asked.ok, asked.headers.get('access-control-allow-origin')]).toEqual([true, '*']);
      expect(asked.headers.get('access-control-allow-headers')).toBe('Content-Type, Authorization');
      const batch = (id: string): string =>
        JSON.stringify({ format: 'tabtrain-log', version: 1, batch: `${id}:1:0`, run: { id }, items: [] });
      const headers = { Authorization: 'Bearer abc' };
      const bodies = ['{', '{}', '[]', batch('../../a/b')];
      expect(await post(batch('a'))).toBe(401);
      expect(await Promise.all(bodies.map((body) => post(body, headers)))).toEqual([400, 415, 415, 204]);
      expect(readdirSync(join(folder, 'kept'))).toEqual(['______a_b.jsonl']);
      // Each alone, as one may end the program.
      const head = { format: 'tabtrain-log', version: 1, items: [] };
      for (const odd of [null, 5, { ...head, batch: 'x' }, { ...head, batch: 'x', run: null }, { ...head, batch: 5, run: { id: 'a' } }])
        expect(await post(JSON.stringify(odd), headers)).toBe(415);
      expect(await post(batch('a'.repeat(400)), headers)).toBe(204);
      expect(await post(batch('b').replace('}', '\xff'), headers)).toBe(400);
      expect(await post(' '.repeat(64_000_001), headers)).toBe(413);
      // The file cannot be written.
      mkdirSync(join(folder, 'kept', 'c.jsonl'));
      expect(await post(batch('c'), headers)).toBe(500);
      rmSync(join(folder, 'kept', 'c.jsonl'), { recursive: true });
      expect(await post(batch('c'), headers)).toBe(204);
      expect((await fetch(receiver!.url)).status).toBeGreaterThan(400);
    });
  });
}
