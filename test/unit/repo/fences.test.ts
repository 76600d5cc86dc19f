/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Every TypeScript block of the README and the docs is a module that compiles, with the settings of this repository.

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What pages take for granted: names that a block may use without saying where they come from. */
const taken = `
import type { MetricStore, Run, Trainer } from 'tabtrain';
import type { LayersModel, Tensor, Tensor1D } from '@tensorflow/tfjs';
declare global {
  const run: Run;
  const store: MetricStore;
  const trainer: Trainer;
  const model: LayersModel;
  /** Rows of scores of ten classes, and the true class of each. */
  const predictions: Tensor;
  const labels: Tensor1D;
  const button: HTMLButtonElement;
  const saveButton: HTMLButtonElement;
  const folderButton: HTMLButtonElement;
  const ids: readonly string[];
  /** Chrome and Edge have it, the declarations of the DOM do not. */
  function showDirectoryPicker(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}
`;

interface Fence {
  readonly page: string;
  /** Of the first line of code. */
  readonly line: number;
  readonly code: string;
}

function fencesOf(page: string, text: string): Fence[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(({ index, 1: code = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    code,
  }));
}

const pages = ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path))]
  .filter((path) => path.endsWith('.md'))
  .sort();
const fences = pages.flatMap((page) => fencesOf(page, readFileSync(join(root, page), 'utf8')));
const planted: Fence = { page: 'planted.md', line: 7, code: "import { startRun } from 'tabtrain';\nawait startRun({ projekt: 'x' });\n" };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabtrain-fences-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The errors of the compiler as `page:line: message`. */
function errorsIn(all: readonly Fence[]): string[] {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const byFile = new Map<string, Fence>();
  for (const [i, fence] of all.entries()) {
    // Programs that import each other have a name in their first line.
    const name = /^\/\/ (\S+\.ts)\n/.exec(fence.code)?.[1] ?? `fence-${i}.ts`;
    byFile.set(name, fence);
    writeFileSync(join(folder, name), `${fence.code}\nexport {};\n`);
  }
  writeFileSync(join(folder, 'taken.d.ts'), taken);
  // Most people's programs need no `override`.
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions: { noImplicitOverride: false }, include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout
    .split('\n')
    .filter((line) => /error TS/.test(line))
    .map((line) => {
      const [, name = '', at = '0', text = line] = /^([^(]+)\((\d+),\d+\): (.*)$/.exec(line) ?? [];
      const fence = byFile.get(name);
      return fence === undefined ? line : `${fence.page}:${fence.line + Number(at) - 1}: ${text}`;
    });
}

test('every TypeScript block of the README and the docs compiles', () => {
  expect(fences.length).toBeGreaterThan(10);
  const errors = errorsIn([planted, ...fences]);
  expect(errors.filter((error) => !error.startsWith('planted.md'))).toEqual([]);
  // What is wrong is found, in its line.
  expect(errors).toEqual([expect.stringMatching(/^planted\.md:8: error TS\d+: .*'projekt'/)]);
});
