/// <reference types="node" />
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** The README's TypeScript blocks by the file name in their first line. */
export async function readmePrograms(): Promise<Map<string, string>> {
  const programs = new Map<string, string>();
  for (const [, code = ''] of (await readFile(join(root, 'README.md'), 'utf8')).matchAll(/```ts\n([\s\S]*?)```/g)) {
    const name = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1];
    if (name !== undefined) programs.set(name, code);
  }
  return programs;
}
