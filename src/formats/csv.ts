/**
 * The columns that come before the config columns, in this order: the folder of the run, the tag, the step, the 0-based
 * epoch, seconds since the Unix epoch, the value. The header is a promise: columns may be added behind, never changed.
 */
export const csvColumns = ['run', 'tag', 'step', 'epoch', 'wall_time', 'value'] as const;

/** The end of a row, as RFC 4180 asks for it. */
export const csvRowEnd = '\r\n';

// What a spreadsheet takes for a formula when it opens the file, full-width forms included.
const formula = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * A cell of text: quoted where RFC 4180 asks for it. With `escapeFormulas` text that a spreadsheet would run as a formula
 * gets an apostrophe in front; undo it by removing one apostrophe from cells that match `^'+[=+\-@…]`.
 */
export function csvText(text: string, escapeFormulas: boolean): string {
  const safe = escapeFormulas && formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * A number: the shortest text that reads back as the same float64. NaN is `NaN`, infinities are `inf` and `-inf`,
 * negative zero is `-0`.
 */
export function csvNumber(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (value === Infinity) return 'inf';
  if (value === -Infinity) return '-inf';
  return String(value);
}
