import { describe, LogError } from './errors.ts';

/**
 * A text for people. `{name}` stands for a value. With several forms, the one for the value of `{count}` is taken by the plural rules
 * of the language (CLDR's categories, as `Intl.PluralRules` names them).
 */
export type Text = string | (Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string });

/** The texts of one part of the library, by key. */
export type Texts = Readonly<Record<string, Text>>;

/** A language: plain data, so that it can be sent to a worker. What it leaves out is said in English. */
export interface Language {
  /** A BCP 47 tag, for numbers, times and plural forms: `de`, `pt-BR`. */
  readonly locale: string;
  /** Which way it is written. Default `ltr`. */
  readonly direction?: 'ltr' | 'rtl';
  /** Texts by part, then by key. */
  readonly words: Readonly<Record<string, Texts>>;
}

// Braces of code that a text quotes hold more than a name.
type NamesIn<T> = T extends `${string}{${infer Rest}` ? NameAt<Rest> | NamesIn<Rest> : never;
type NameAt<Rest> = Rest extends `${infer Name}}${string}` ? (Name extends `${string}${' ' | '{'}${string}` ? never : Name) : never;
type NamesOf<T extends Text> = NamesIn<T extends { readonly other: infer Other } ? Other : T>;
type Values<T extends Text> = Readonly<Record<NamesOf<T>, string | number>>;

/** Gives the text of a key in the language that is set, with its values filled in. Numbers are written as the language writes them. */
export type Say<T extends Texts> = <Key extends keyof T & string>(
  key: Key,
  ...values: [NamesOf<T[Key]>] extends [never] ? [] : [values: Values<T[Key]>]
) => string;

/** The same texts in another language: every key, with the same values. */
export type Translation<T extends Texts> = { readonly [Key in keyof T]: Text };

const english: Language = { locale: 'en-US', words: {} };
let language: Language = english;
const listeners = new Set<() => void>();

/**
 * Sets the language of everything this thread says from now on; without one, English. Panels that are open change at once. Throws
 * `bad-options` for what is no language.
 */
export function setLanguage(next: Language = english): void {
  // Here, not in the middle of a training that has something to say.
  const { locale, words } = Object(next) as Partial<Language>; // looked at on the next lines
  const isTable =
    typeof words === 'object' && words !== null && Object.values(words).every((part) => typeof part === 'object' && part !== null);
  if (!isTable || typeof locale !== 'string' || !isLocale(locale)) {
    throw new LogError(
      'bad-options',
      `setLanguage(${isTable ? `{ locale: ${describe(locale)} }` : describe(next)}): need a language, with a locale such as 'de' and its words: import { german } from 'tabtrain/languages/de'.`,
    );
  }
  language = next;
  for (const listener of listeners) listener();
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/** The language that is set. */
export function currentLanguage(): Language {
  return language;
}

/** Calls back after each {@link setLanguage}. Gives back its undo. */
export function onLanguage(listener: () => void): () => void {
  const own = (): void => listener();
  listeners.add(own);
  return () => listeners.delete(own);
}

/** The texts of one part of the library, in English, and how to say them. A part may be defined in several pieces. */
export function defineWords<const T extends Texts>(part: string, texts: T): Say<T> {
  return (key, ...[values]) => {
    const theirs = language.words[part]?.[key];
    // What may come from a file of the page's own is looked at before it is said.
    const own = typeof theirs === 'string' || typeof theirs?.other === 'string' ? theirs : undefined;
    const text: Text = own ?? texts[key]!;
    const given: Readonly<Record<string, string | number>> = values ?? {};
    const locale = own === undefined ? 'en' : language.locale;
    const form = typeof text === 'string' ? text : text[new Intl.PluralRules(locale).select(Number(given['count']))];
    return (typeof form === 'string' ? form : (text as { readonly other: string }).other).replaceAll(/\{(\w+)\}/g, (mark, name: string) => {
      const value = Object.hasOwn(given, name) ? given[name]! : mark;
      return typeof value === 'number' ? formatNumber(value) : value;
    });
  };
}

/** A number as the language writes it. */
export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return value.toLocaleString(language.locale, options);
}
