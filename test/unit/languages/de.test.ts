import { expect, test } from 'vitest';
import { german } from '../../../src/languages/de.ts';
import { formsOf, namesIn, readTable } from './table.ts';

const table = await readTable();
const entries = [...table].flatMap(([part, pieces]) =>
  pieces.flatMap((texts) => Object.entries(texts).map(([key, text]) => ({ part, key, text }))),
);

test('there are texts of every room that says something', () => {
  expect([...table.keys()].toSorted()).toEqual(expect.arrayContaining(['core', 'loggers', 'metrics', 'panel', 'progress', 'run', 'store']));
  expect(entries.length).toBeGreaterThan(150);
});

test('a key is defined once in its part', () => {
  const names = entries.map(({ part, key }) => `${part}.${key}`);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('German says every text, and nothing else', () => {
  const said = Object.entries(german.words).flatMap(([part, texts]) => Object.keys(texts).map((key) => `${part}.${key}`));
  expect(said.toSorted()).toEqual(entries.map(({ part, key }) => `${part}.${key}`).toSorted());
});

test.each(entries)('the German $part.$key has the values of the English one', ({ part, key, text }) => {
  const names = namesIn(formsOf(text).other ?? '');
  const own = german.words[part]?.[key] ?? '';
  for (const [form, words] of Object.entries(formsOf(own))) {
    // A form for one may say "one" in place of the number.
    const missing = form === 'one' ? ['count'] : [];
    expect(namesIn(words).filter((name) => !missing.includes(name))).toEqual(names.filter((name) => !missing.includes(name)));
  }
});

test('texts with forms have those of their language, and no others', () => {
  const categories = (locale: string): readonly string[] => new Intl.PluralRules(locale).resolvedOptions().pluralCategories.toSorted();
  for (const { part, key, text } of entries) {
    const own = german.words[part]?.[key] ?? '';
    expect(typeof own === 'string', `${part}.${key}`).toBe(typeof text === 'string');
    if (typeof text !== 'string') expect(Object.keys(text).toSorted(), `${part}.${key}`).toEqual(categories('en'));
    if (typeof own !== 'string') expect(Object.keys(own).toSorted(), `${part}.${key}`).toEqual(categories('de'));
  }
});

test('what is said in sentences is not left in English', () => {
  const same = entries.filter(({ part, key, text }) => {
    const english = formsOf(text).other ?? '';
    return english.split(' ').length > 3 && english === formsOf(german.words[part]?.[key] ?? '').other;
  });
  expect(same).toEqual([]);
});

test('a language is plain data, so that it can be sent to a worker', () => {
  expect(structuredClone(german)).toEqual(german);
});
