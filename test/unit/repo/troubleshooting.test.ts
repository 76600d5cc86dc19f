/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// The sentences that the page quotes are those that the library says.

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Texts as they stand in the source, in one piece; each value that comes in is `…`. */
function plain(code: string): string {
  return code
    .replaceAll(/(['`"])\s*\+\s*(?:\/\/[^\n]*\n\s*)?(['`"])/g, '')
    .replaceAll(/\$\{[^{}]*\}/g, '…')
    .replaceAll(/\{\w+\}/g, '…')
    .replaceAll("\\'", "'")
    .replaceAll(/\s+/g, ' ');
}

const source = plain(
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
    .join('\n'),
);

/** Quotations: lines that begin with `>`, each paragraph one. */
function quotationsOf(page: string): string[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  return [...text.matchAll(/(?:^ *> .*\n)+/gm)].map(([lines]) => lines.replaceAll(/^ *> /gm, '').replaceAll(/\s+/g, ' ').trim());
}

test('what the page on troubleshooting quotes is said by the library, word for word', () => {
  const quotations = quotationsOf('troubleshooting.md');
  expect(quotations.length).toBeGreaterThan(20);
  // The page says `…` for every value; in the source a sentence may go on with words that depend on one.
  const said = (quotation: string): boolean => quotation.split('…').every((piece) => source.includes(piece.trim()));
  expect(quotations.filter((quotation) => !said(quotation))).toEqual([]);
  expect(said('the store is never full')).toBe(false);
});
