import { isPlainObject } from '../core/config.ts';
import { describe } from '../core/errors.ts';
import { badValue, type Taken } from './record-body.ts';

type Cell = string | number | boolean | null;

/**
 * Takes a table: names of columns and rows of cells, or rows as objects, whose keys are the columns in the order in which they first
 * appear; what a row does not have is null. Throws `bad-value`, quoting `call`.
 */
export function takeTable(table: unknown, call: string): Taken {
  const { columns, rows } = Array.isArray(table) ? fromObjects(table, call) : fromColumns(table, call);
  const copy = rows.map((row, at) => columns.map((column, i) => cellOf(row[i], at, column, call)));
  const encode = (): Promise<{ data: { columns: readonly string[]; rows: readonly (readonly Cell[])[] } }> =>
    Promise.resolve({ data: { columns, rows: copy } });
  return { bytes: 24 * columns.length * (rows.length + 1), encode };
}

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

function fromColumns(table: unknown, call: string): Table {
  const { columns, rows } = (typeof table === 'object' && table !== null ? table : {}) as {
    readonly columns?: unknown;
    readonly rows?: unknown;
  }; // of anything
  if (!Array.isArray(columns) || !columns.every((column) => typeof column === 'string') || !Array.isArray(rows)) {
    throw badValue(call, `got ${describe(table)}, need { columns: ['id', 'score'], rows: [[1, 0.5]] } or a list of objects.`);
  }
  for (const [at, row] of rows.entries()) {
    if (Array.isArray(row) && row.length === columns.length) continue;
    throw badValue(call, `row ${at} is ${describe(row)}, need a list of ${columns.length} cells, one for each column.`);
  }
  return { columns: [...columns], rows };
}

function fromObjects(rows: readonly unknown[], call: string): Table {
  const columns = new Set<string>();
  for (const [at, row] of rows.entries()) {
    if (!isPlainObject(row)) throw badValue(call, `row ${at} is ${describe(row)}, need an object such as { id: 1, score: 0.5 }.`);
    for (const column of Object.keys(row)) columns.add(column);
  }
  const names = [...columns];
  // Each is a plain object, as looked at.
  return {
    columns: names,
    rows: rows.map((row) => names.map((name) => (Object.hasOwn(row as object, name) ? (row as Record<string, unknown>)[name] : null))),
  };
}

function cellOf(cell: unknown, row: number, column: string, call: string): Cell {
  if (cell === undefined || cell === null) return null;
  if (typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean') return cell;
  throw badValue(call, `row ${row}, column '${column}' is ${describe(cell)}, need a text, a number, true, false or null.`);
}
