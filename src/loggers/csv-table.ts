import { csvRowEnd, csvText } from '../formats/csv.ts';

/** One row: its cells as text, by column. */
export type CsvRow = ReadonlyMap<string, string>;

/** The columns that hold these rows too: those there are and the new ones, sorted, as Lightning sorts them. */
export function widened(columns: readonly string[], rows: readonly CsvRow[]): readonly string[] {
  const all = new Set(columns);
  for (const row of rows) for (const column of row.keys()) all.add(column);
  return [...all].sort();
}

/** The header and all rows that a table holds, in other columns: rows that lack a column have an empty cell there. */
export function relaid(table: readonly (readonly string[])[], columns: readonly string[]): string {
  const [header = [], ...rows] = table;
  const places = columns.map((column) => header.indexOf(column));
  return csvLine(columns) + rows.map((cells) => csvLine(places.map((place) => cells[place] ?? ''))).join('');
}

/** Rows as text, each with its line end. */
export function csvLines(rows: readonly CsvRow[], columns: readonly string[]): string {
  return rows.map((row) => csvLine(columns.map((column) => row.get(column) ?? ''))).join('');
}

/** Cells as a line, quoted where Python's csv module quotes. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => csvText(cell, false)).join(',') + csvRowEnd;
}

/** Reads a table back, its header first. Line ends may be of any system; empty lines do not count. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A cell, quoted or not, and what ends it.
  const cell = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|\n|\r|$)/y;
  while (cell.lastIndex < text.length || row.length > 0) {
    const found = cell.exec(text);
    if (found === null) break; // never: every text begins with a cell
    const [, quoted, plain = '', end] = found;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}
