import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles, wordFiles } from './table.ts';

const source = join(import.meta.dirname, '../../../src');

// Words of a sentence in a literal: what stands in `${…}` is not its own.
const sentence = /[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}/;

/** The program without comments and imports. */
function read(file: string): string {
  const text = readFileSync(join(source, file), 'utf8');
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '').replaceAll(/^(?:import|export) [^;]*? from '[^']*';$/gm, '');
}

/** The literals of a piece of program, without what is filled into them. */
function literalsIn(program: string): readonly string[] {
  return [...program.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map(
    ([, single, double, template]) => single ?? double ?? (template ?? '').replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '·'),
  );
}

/** The arguments of each call that begins so, up to its closing bracket. */
function callsOf(program: string, opening: RegExp): readonly string[] {
  return [...program.matchAll(opening)].map(({ index, 0: { length } }) => {
    let [depth, at] = [1, index + length];
    for (; depth > 0 && at < program.length; at++) depth += program[at] === '(' ? 1 : program[at] === ')' ? -1 : 0;
    return program.slice(index + length, at - 1);
  });
}

// What is no text for people: errors' own files, conditions of media, calls that begin an error, classes.
const errorFiles = ['panel/find-target.ts', 'panel/load-chart.ts'];
const notShown = /^\(prefers-|\(\)|^number strong/;

const rooms = sourceFiles.filter((file) => !wordFiles.includes(file) && !file.startsWith('testing/'));

test('the scan finds what it looks for', () => {
  const program = "this.#warn('kind', `run '${name}' is in the way`); setText(node, 'Not yet there');";
  expect(
    callsOf(program, /warn\(/g)
      .flatMap(literalsIn)
      .filter((text) => sentence.test(text)),
  ).toHaveLength(1);
  expect(literalsIn(program).filter((text) => sentence.test(text))).toHaveLength(2);
});

test('no warning is worded outside the table', () => {
  const found = rooms.flatMap((file) =>
    callsOf(read(file), /\bwarn\(/g)
      // The first argument is the key, for programs.
      .flatMap((args) => literalsIn(args.slice(args.indexOf(','))))
      .filter((text) => sentence.test(text))
      .map((text) => `${file}: ${text}`),
  );
  expect(found).toEqual([]);
});

test('no alert is titled outside the table', () => {
  const found = rooms.flatMap((file) => [...read(file).matchAll(/\btitle: ['"`].*/g)].map(([text]) => `${file}: ${text}`));
  expect(found).toEqual([]);
});

test('nothing that a panel shows is worded outside the table', () => {
  const found = rooms
    .filter((file) => file.startsWith('panel/') && !file.endsWith('.css.ts') && !errorFiles.includes(file))
    .flatMap((file) => {
      let program = read(file);
      // Errors are for programmers; classes of elements are not shown.
      for (const call of callsOf(program, /new LogError\(/g)) program = program.replace(call, '');
      program = program.replaceAll(/(?<=lement\('\w+', )'[^']*'/g, "''");
      const shown = literalsIn(program).filter((text) => sentence.test(text) && !notShown.test(text));
      const set = [
        ...program.matchAll(
          /(?:setText\([^,]+, |lement\('\w+', '', |\.(?:textContent|title|ariaLabel|placeholder) = )['"`]([^'"`]*[A-Za-z][^'"`]*)/g,
        ),
      ];
      return [...shown, ...set.map(([, text = '']) => text).filter((text) => !/^(?:\\u[0-9a-f]{4})+$/.test(text))].map(
        (text) => `${file}: ${text}`,
      );
    });
  expect(found).toEqual([]);
});
