import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Text } from '../../../src/core/words.ts';

const source = join(import.meta.dirname, '../../../src');

/** The program, file by file. */
export const sourceFiles: readonly string[] = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

/** The files with texts; `core/words.ts` is how they are said. */
export const wordFiles: readonly string[] = sourceFiles.filter((file) => /words\.ts$/.test(file) && file !== 'core/words.ts');

/** All English texts: of every part the pieces in which it is defined. */
export async function readTable(): Promise<ReadonlyMap<string, readonly Readonly<Record<string, Text>>[]>> {
  const table = new Map<string, Readonly<Record<string, Text>>[]>();
  for (const file of wordFiles) {
    const module: Readonly<Record<string, Readonly<Record<string, Text>>>> = await import(join(source, file));
    for (const [, part = '', name = ''] of readFileSync(join(source, file), 'utf8').matchAll(/defineWords\('(\w+)', (\w+)\)/g)) {
      const texts = module[name];
      if (texts === undefined) throw new Error(`${file} does not export ${name}`);
      table.set(part, [...(table.get(part) ?? []), texts]);
    }
  }
  return table;
}

/** The forms of a text, by plural category; `other` alone for one without forms. */
export function formsOf(text: Text): Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> {
  return typeof text === 'string' ? { other: text } : text;
}

/** The names of a text's values. */
export function namesIn(form: string): readonly string[] {
  return [...form.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).toSorted();
}
