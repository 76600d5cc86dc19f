import { afterEach, describe, expect, test } from 'vitest';
import { currentLanguage, defineWords, formatNumber, onLanguage, setLanguage } from '../../../src/core/words.ts';

const say = defineWords('shop', {
  greeting: 'Good morning',
  price: '{thing} costs {amount}',
  code: "call run({ step }) or log(…, { logger: ['{name}'] })",
  apples: { one: '{count} apple for {name}', other: '{count} apples for {name}' },
});

const polish = {
  locale: 'pl',
  words: {
    shop: {
      greeting: 'Dzień dobry',
      price: '{amount} za {thing}',
      apples: {
        one: '{count} jabłko ({name})',
        few: '{count} jabłka ({name})',
        many: '{count} jabłek ({name})',
        other: '{count} jabłka ({name})',
      },
    },
  },
} as const;

afterEach(() => setLanguage());

describe('without a language', () => {
  test('English is said, with its values and its plural forms', () => {
    expect(say('greeting')).toBe('Good morning');
    expect(say('price', { thing: 'tea', amount: 12_345.5 })).toBe('tea costs 12,345.5');
    expect(say('apples', { count: 1, name: 'Ada' })).toBe('1 apple for Ada');
    expect(say('apples', { count: 0, name: 'Ada' })).toBe('0 apples for Ada');
    expect(currentLanguage().locale).toBe('en-US');
  });

  test('braces of code stay as they are', () => {
    expect(say('code', { name: 'csv' })).toBe("call run({ step }) or log(…, { logger: ['csv'] })");
  });

  test('a value is never read as a text with values of its own', () => {
    expect(say('price', { thing: '{amount}$&', amount: 1 })).toBe('{amount}$& costs 1');
  });
});

describe('with a language', () => {
  test('its words, its order, its plural forms and its numbers are taken', () => {
    setLanguage(polish);
    expect(say('greeting')).toBe('Dzień dobry');
    expect(say('price', { thing: 'herbata', amount: 12_345.5 })).toBe('12\u00a0345,5 za herbata');
    expect([1, 2, 5, 1.5].map((count) => say('apples', { count, name: 'Ada' }))).toEqual([
      '1 jabłko (Ada)',
      '2 jabłka (Ada)',
      '5 jabłek (Ada)',
      '1,5 jabłka (Ada)',
    ]);
    expect(formatNumber(0.5)).toBe('0,5');
  });

  test('what it leaves out is said in English', () => {
    setLanguage({ locale: 'pl', words: {} });
    expect(say('apples', { count: 2, name: 'Ada' })).toBe('2 apples for Ada');
  });

  test('it is left again by setting none', () => {
    setLanguage(polish);
    setLanguage();
    expect(say('greeting')).toBe('Good morning');
  });

  test('texts that are none are said in English', () => {
    setLanguage({
      locale: 'pl',
      words: { shop: { greeting: 3, apples: { one: '{count} jabłko' }, price: { one: 3, other: '{toString}' } } },
    } as never);
    expect(say('greeting')).toBe('Good morning');
    expect(say('apples', { count: 2, name: 'Ada' })).toBe('2 apples for Ada');
    expect(say('price', { thing: 'tea', amount: 1 })).toBe('{toString}');
  });

  test('what is no language is refused, and the one that is set stays', () => {
    setLanguage(polish);
    for (const wrong of [
      { locale: 'not a tag', words: {} },
      'de',
      null,
      { locale: 'de' },
      { words: {} },
      { locale: 'de', words: { shop: 3 } },
    ]) {
      expect(() => setLanguage(wrong as never)).toThrow(
        expect.objectContaining({ code: 'bad-options', message: expect.stringContaining('import { german }') }),
      );
    }
    expect(say('greeting')).toBe('Dzień dobry');
  });
});

test('who listens hears of each change until told not to', () => {
  const heard: string[] = [];
  const listener = (): unknown => heard.push(currentLanguage().locale);
  const undo = onLanguage(listener);
  const undoTwin = onLanguage(listener);
  setLanguage(polish);
  undo();
  setLanguage();
  undoTwin();
  setLanguage(polish);
  expect(heard).toEqual(['pl', 'pl', 'en-US']);
});
