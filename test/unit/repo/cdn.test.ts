/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// The files for pages without a bundler hold all entries in one. That no two entries give one name to two things is held by the compiler:
// it refuses such a file (TS2308).

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> }; // its shape is checked elsewhere

/** What a file of src/cdn re-exports whole, as paths of src. */
function wholeExports(file: string): string[] {
  const path = join(root, 'src/cdn', file);
  return [...readFileSync(path, 'utf8').matchAll(/^export \* from '([^']+)';$/gm)].map(([, name = '']) =>
    join(dirname(path), name).slice(join(root, 'src/').length).replaceAll('\\', '/'),
  );
}

const entries = Object.values(exports).flatMap((conditions) => {
  const { default: code }: { readonly default?: string } = Object(conditions);
  return code === undefined ? [] : [code.replace('./dist/', '').replace(/\.js$/, '.ts')];
});

test('the file without TensorFlow.js holds every entry but that and the tests', () => {
  const expected = entries.filter((entry) => !['tfjs/index.ts', 'testing/index.ts'].includes(entry));
  expect(wholeExports('tabtrain.ts').sort()).toEqual(expected.sort());
});

test('the file with TensorFlow.js holds the same and that', () => {
  expect(wholeExports('tabtrain-tfjs.ts').sort()).toEqual(['cdn/tabtrain.ts', 'tfjs/index.ts']);
});
