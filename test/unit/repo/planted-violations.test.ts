/// <reference types="node" />
// A check that has never been seen red is not a check: each one is run on a small healthy project, then on one planted violation.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let project = '';

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
};

const run = (script: string): { status: number | null; output: string } => {
  // A nested vitest must not believe that it is a worker of this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$|npm_)/.test(name)));
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], {
    cwd: project,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1' },
    shell: process.platform === 'win32',
  });
  return { status, output: stdout + stderr };
};

/** Runs a script with some files written over the healthy project, which is whole again afterwards. */
const runWith = (script: string, files: Readonly<Record<string, string>>): { status: number | null; output: string } => {
  const healthy = Object.keys(files).map((path) => {
    try {
      return [path, readFileSync(join(project, path), 'utf8')] as const;
    } catch {
      return [path, undefined] as const;
    }
  });
  try {
    for (const [path, text] of Object.entries(files)) write(path, text);
    return run(script);
  } finally {
    for (const [path, text] of healthy) {
      if (text === undefined) rmSync(join(project, path));
      else writeFileSync(join(project, path), text);
    }
  }
};

/** The names by which parts of an entry are weighed. */
const weighed: Readonly<Record<string, readonly string[]>> = {
  './dist/panel/index.js': ['showPanel', 'defineMetricsPanel', 'showProgress'],
  './dist/export/index.js': ['csv', 'tfevents', 'download', 'toDirectory', 'toZip'],
};

/** Text that no compressor shrinks below 6 bits a character. */
const noise = (length: number): string => {
  let state = 1;
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return characters[state >>> 26];
  }).join('');
};

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'tabtrain-planted-'));
  const kept = ['.ci', '.dependency-cruiser.mjs', '.oxlintrc.json', '.oxfmtrc.json', '.size-limit.json', 'package.json', 'LICENSE'];
  for (const path of [...kept, 'tsconfig.json', 'tsconfig.build.json', 'vitest.config.ts']) {
    cpSync(join(root, path), join(project, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction');
  write('src/core/add.ts', 'export const add = (a: number, b: number): number => a + b;\n');
  write(
    'src/store/sum.ts',
    "import { add } from '../core/add.ts';\n\nexport const sum = (values: readonly number[]): number => values.reduce(add, 0);\n",
  );
  write('src/index.ts', "export { add as startRun } from './core/add.ts';\nexport { sum as openStore } from './store/sum.ts';\n");
  const manifest: { exports: Record<string, string | { default: string }> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const target of Object.values(manifest.exports)) {
    if (typeof target === 'string' || target.default === './dist/index.js' || target.default.includes('*')) continue;
    const names = weighed[target.default]?.map((name) => `add as ${name}`).join(', ') ?? 'add';
    write(target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'), `export { ${names} } from '../core/add.ts';\n`);
  }
  for (const file of ['tabtrain', 'tabtrain-tfjs']) write(`src/cdn/${file}.ts`, "export { add } from '../core/add.ts';\n");
  write(
    'test/unit/add.test.ts',
    "import { expect, test } from 'vitest';\nimport { add } from '../../src/core/add.ts';\n\ntest('adds', () => {\n  expect(add(1, 2)).toBe(3);\n});\n",
  );
  write(
    'test/browser/page.test.ts',
    "import { expect, test } from 'vitest';\n\ntest('has a page and a WebGPU adapter', async () => {\n  expect(document.body).toBeTruthy();\n  expect(await navigator.gpu.requestAdapter()).toBeTruthy();\n});\n",
  );
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('check:format', () => {
  test('passes a healthy project', () => expect(runWith('format', {}).status).toBe(0));
  test('is red on a line that is not formatted', () => {
    const { status, output } = runWith('check:format', { 'src/core/ugly.ts': 'export const  a:number =  1\n' });
    expect(status).not.toBe(0);
    expect(output).toContain('src/core/ugly.ts');
  });
  test('is green once formatted', () => expect(run('check:format')).toMatchObject({ status: 0 }));
});

describe('check:lint', () => {
  test('passes a healthy project', () => expect(run('check:lint')).toMatchObject({ status: 0 }));
  test.each([
    ['a promise nobody waits for', 'no-floating-promises', 'export function f(save: () => Promise<void>): void {\n  save();\n}\n'],
    ['a promise as a condition', 'no-misused-promises', 'export const f = (ready: Promise<boolean>): number => (ready ? 1 : 2);\n'],
    ['await of a plain value', 'await-thenable', 'export const f = async (n: number): Promise<number> => await n;\n'],
    ['any', 'no-explicit-any', 'export const f = (n: any): unknown => n;\n'],
  ])('is red on %s', (_what, rule, text) => {
    const { status, output } = runWith('check:lint', { 'src/core/planted.ts': text });
    expect(status).not.toBe(0);
    expect(output).toContain(rule);
  });
});

describe('check:types', () => {
  test('passes a healthy project', () => expect(run('check:types')).toMatchObject({ status: 0 }));
  test('is red on a wrong type', () => {
    const { status, output } = runWith('check:types', { 'src/core/planted.ts': "export const n: number = 'one';\n" });
    expect(status).not.toBe(0);
    expect(output).toContain('TS2322');
  });
});

describe('check:imports', () => {
  test('passes a healthy project', () => expect(run('check:imports')).toMatchObject({ status: 0 }));
  test.each([
    [
      'an import against the table',
      'core-imports-only-itself',
      "import { sum } from '../store/sum.ts';\n\nexport const total: number = sum([1]);\n",
    ],
    [
      'a type-only import against the table',
      'core-imports-only-itself',
      "import type { sum } from '../store/sum.ts';\n\nexport type Sum = typeof sum;\n",
    ],
    ['an import of the entry', 'nobody-imports-the-entry', "export { startRun } from '../index.ts';\n"],
    ['a package that another room owns', 'only-store-knows-idb', "export { openDB } from 'idb';\n"],
    ['a module of Node', 'no-node-in-the-library', "export { join } from 'node:path';\n"],
    ['a package that is not a dependency', 'only-declared-packages', "export { test } from 'vitest';\n"],
    ['a file that does not exist', 'unresolvable', "export { a } from './missing.ts';\n"],
  ])('is red on %s', (_what, rule, text) => {
    const { status, output } = runWith('check:imports', { 'src/core/planted.ts': text });
    expect(status).not.toBe(0);
    expect(output).toContain(`${rule}: src/core/planted.ts`);
  });
  test('is red on a cycle', () => {
    const { status, output } = runWith('check:imports', {
      'src/core/a.ts': "import { b } from './b.ts';\n\nexport const a = (): number => b();\n",
      'src/core/b.ts': "import { a } from './a.ts';\n\nexport const b = (): number => a();\n",
    });
    expect(status).not.toBe(0);
    expect(output).toContain('no-cycles');
  });
  test('is red on a room without a row in the table', () => {
    const { status, output } = runWith('check:imports', { 'src/attic/index.ts': 'export const a = 1;\n' });
    rmSync(join(project, 'src/attic'), { recursive: true });
    expect(status).not.toBe(0);
    expect(output).toContain('src/attic: no row');
  });
  test('is red when it has not looked at every file', () => {
    const config = readFileSync(join(root, '.dependency-cruiser.mjs'), 'utf8');
    const blind = config.replace("parser: 'swc',", "parser: 'swc', exclude: '^src/panel/',");
    expect(blind).not.toBe(config);
    const { status, output } = runWith('check:imports', { '.dependency-cruiser.mjs': blind });
    expect(status).not.toBe(0);
    expect(output).toMatch(/looked at \d+ modules, but src holds \d+ \.ts files/);
  });
});

describe('check:package and check:size', () => {
  beforeAll(() => run('build'));
  test('pass a healthy project', () => {
    expect(run('check:package')).toMatchObject({ status: 0 });
    expect(run('check:size')).toMatchObject({ status: 0 });
  });
  test('check:package is red on an entry without a file', () => {
    const manifest = readFileSync(join(root, 'package.json'), 'utf8').replace('./dist/panel/index.js', './dist/panel/missing.js');
    const { status, output } = runWith('check:package', { 'package.json': manifest });
    expect(status).not.toBe(0);
    expect(output).toContain('./dist/panel/missing.js');
  });
  test('check:package is red on declarations that cannot be resolved', () => {
    const { status, output } = runWith('check:package', { 'dist/panel/index.d.ts': "export { add } from '../core/missing.ts';\n" });
    expect(status).not.toBe(0);
    expect(output).toContain('are-the-types-wrong');
  });
  test('check:package is red on a file that should stay at home', () => {
    const manifest = readFileSync(join(root, 'package.json'), 'utf8').replace('"files": [', '"files": ["src",');
    const { status, output } = runWith('check:package', { 'package.json': manifest });
    expect(status).not.toBe(0);
    expect(output).toContain('src/core/add.ts: does not belong');
  });
  test('check:size is red on an entry over its budget', () => {
    const { status, output } = runWith('check:size', {
      'dist/panel/index.js': `export const showPanel = '${noise(60_000)}', defineMetricsPanel = showPanel, showProgress = 1;\n`,
    });
    expect(status).not.toBe(0);
    expect(output).toContain('tabtrain/panel');
    expect(output).toMatch(/exceeded/i);
  });
});

describe('test:unit and test:browser', () => {
  const wrong = "import { expect, test } from 'vitest';\n\ntest('planted', () => {\n  expect(1).toBe(2);\n});\n";
  test('test:unit passes a healthy project and is red on a wrong claim', () => {
    expect(run('test:unit')).toMatchObject({ status: 0 });
    const { status, output } = runWith('test:unit', { 'test/unit/wrong.test.ts': wrong });
    expect(status).not.toBe(0);
    expect(output).toContain('expected 1 to be 2');
  });
  test('test:browser passes a healthy project and is red on a wrong claim', () => {
    expect(run('test:browser')).toMatchObject({ status: 0 });
    const { status, output } = runWith('test:browser', { 'test/browser/wrong.test.ts': wrong });
    expect(status).not.toBe(0);
    expect(output).toContain('expected 1 to be 2');
  });
  test('test:unit is red when there is no test', () => {
    const { status } = runWith('test:unit', { 'test/unit/add.test.ts': '' });
    expect(status).not.toBe(0);
  });
});
