/// <reference types="node" />
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ExportFile, upload } from '../../../src/export/index.ts';
import { checkReceiver } from './receiver-checks.ts';
import { startProgram } from './receiver-program.ts';

checkReceiver('receiver.mjs');

function file(path: string, text: string): ExportFile {
  return {
    path,
    bytes: {
      async *[Symbol.asyncIterator]() {
        yield new TextEncoder().encode(text);
      },
    },
  };
}

test('files.mjs of the docs keeps files below its folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tabtrain-files-'));
  const { url, stop } = await startProgram('files.mjs', folder);
  try {
    await expect(upload([file('p/a b.csv', 'one'), file('p/ä#?.txt', 'two')], url)).resolves.toEqual({ files: 2, bytes: 6 });
    expect(readFileSync(join(folder, 'kept/p/a b.csv'), 'utf8')).toBe('one');
    expect(readFileSync(join(folder, 'kept/p/ä#?.txt'), 'utf8')).toBe('two');
    expect((await fetch(`${url}..%2f..%2fout.txt`, { method: 'POST', body: 'x' })).status).toBe(400);
    expect(readdirSync(folder).toSorted()).toEqual(['files.mjs', 'kept']);
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
