/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

test('the README gives the sizes that are checked, and no others', () => {
  const checked = (JSON.parse(read('.size-limit.json')) as { name: string; limit: string }[]).map(({ name, limit }) => [name, limit]);
  const written = [...read('README.md').matchAll(/^\| `([^`]+)` \| ([\d.]+ kB) \|$/gm)].map(([, name, limit]) => [name, limit]);
  expect(written).toEqual(checked);
});
