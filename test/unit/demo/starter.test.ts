/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const starter = join(import.meta.dirname, '../../../demo/starter');
const read = (file: string): string => readFileSync(join(starter, file), 'utf8');
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const page = read('main.js');
const inWorker = read('worker/main.js');
const network = /^\/\/ The network[\s\S]*?^}$/m.exec(page)?.[0] ?? '';
const diff = lines(/```diff\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '');

test('the network of the page is that of the worker, word for word', () => {
  expect(network).toContain('new System');
  expect(read('worker/train.worker.js')).toContain(network);
});

test('the README shows every line that changes when the network moves to the worker, and no other', () => {
  const [gone, come] = ['-', '+'].map((sign) => diff.filter((line) => line.startsWith(sign)).map((line) => line.slice(1)));
  const rest = lines(page.replace(network, '')).filter((line) => !gone!.includes(line));
  // The one import that loses a name.
  const spirals = {
    from: "import { data, everywhere, paint } from './spirals.js';",
    to: "import { everywhere, paint } from './spirals.js';",
  };
  expect(rest.map((line) => (line === spirals.from ? spirals.to : line))).toEqual(lines(inWorker).filter((line) => !come!.includes(line)));
  expect(gone!.every((line) => page.includes(line))).toBe(true);
  expect(come!.every((line) => inWorker.includes(line))).toBe(true);
});

test('the page takes from the import map what the program imports, and nothing else', () => {
  const map: { readonly imports: Readonly<Record<string, string>> } = JSON.parse(
    /<script type="importmap">([\s\S]*?)<\/script>/.exec(read('index.html'))?.[1] ?? '',
  );
  const imported = [...page.matchAll(/from '([^.'][^']*)'/g)].map(([, name]) => name ?? '');
  expect(Object.keys(map.imports).sort((a, b) => a.localeCompare(b))).toEqual(imported.sort((a, b) => a.localeCompare(b)));
});
