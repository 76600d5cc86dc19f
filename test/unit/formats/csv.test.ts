import { expect, test } from 'vitest';
import { csvNumber, csvText } from '../../../src/formats/csv.ts';

test.each([
  [0.1, '0.1'],
  [1 / 3, '0.3333333333333333'],
  [5e-324, '5e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [-0, '-0'],
  [0, '0'],
  [NaN, 'NaN'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
])('the number %d is written as %s', (value, text) => {
  expect(csvNumber(value)).toBe(text);
});

test.each([
  ['loss', 'loss'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['損失', '損失'],
])('the text %j becomes the cell %j', (text, cell) => {
  expect(csvText(text, true)).toBe(cell);
});

test.each([
  ['=1+1', "'=1+1"],
  ['+x', "'+x"],
  ['-x', "'-x"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['=HYPERLINK("a","b")', '"\'=HYPERLINK(""a"",""b"")"'],
  ["'=x", "''=x"],
  ["it's", "it's"],
])('the text %j, which a spreadsheet could run, becomes the cell %j', (text, cell) => {
  expect(csvText(text, true)).toBe(cell);
});

test('formulas stay as they are when asked to', () => {
  expect(csvText('=1+1', false)).toBe('=1+1');
});
