import { folderSafe } from '../core/run-name.ts';
import { csvNumber, csvRowEnd, csvText } from '../formats/csv.ts';
import type { StoredRecord } from '../store/metric-store.ts';

/** The folder of each kind of record that becomes files; the others are lines of `events.jsonl`. */
const folders: Readonly<Partial<Record<StoredRecord['kind'], string>>> = {
  text: 'texts',
  image: 'images',
  audio: 'audio',
  histogram: 'histograms',
  table: 'tables',
  figure: 'figures',
  graph: 'graphs',
  checkpoint: 'checkpoints',
  file: 'files',
};

const endings: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/bmp': 'bmp',
  'audio/wav': 'wav',
  'application/json': 'json',
  'text/plain': 'txt',
};

/** Where a record goes within the folder of its run, safe on every system; undefined for one that is no file. */
export function recordPath({ kind, tag, step, data, content }: StoredRecord): string | undefined {
  const folder = folders[kind];
  if (folder === undefined) return undefined;
  const place = [
    folder,
    ...tag
      .split('/')
      .filter((part) => part.trim() !== '')
      .map(folderSafe),
  ];
  const { fileName } = data ?? {};
  // A file that was logged has a name of its own, and its tag is often the same.
  if (kind === 'file' && typeof fileName === 'string') return [...place, folderSafe(fileName.split('/').at(-1)!)].join('/');
  const number = Number.isSafeInteger(step) && step >= 0 ? String(step).padStart(6, '0') : String(step);
  return `${place.join('/')}/step-${number}.${endingOf(kind, data, content)}`;
}

function endingOf(kind: StoredRecord['kind'], data: StoredRecord['data'], content: StoredRecord['content']): string {
  if (content !== undefined) return endings[content.type.split(';')[0]!] ?? 'bin';
  if (kind === 'text' && typeof data?.['text'] === 'string') return 'md';
  return kind === 'table' && isTable(data) ? 'csv' : 'json';
}

/** The file of a record without a content: Markdown, a table as CSV, anything else as JSON. */
export function recordText({ kind, data = {} }: StoredRecord, escapeFormulas: boolean): string {
  if (kind === 'text' && typeof data['text'] === 'string') return data['text'];
  return kind === 'table' && isTable(data) ? tableText(data, escapeFormulas) : `${jsonText(data, 2)}\n`;
}

/** Plain data as JSON for people and other programs: numbers that JSON has not are text, columns of numbers are lists. */
export function jsonText(value: unknown, indent?: number): string {
  const plain = (_key: string, item: unknown): unknown => {
    if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
    if (typeof item === 'bigint') return String(item);
    // Typed arrays only: records hold no other views.
    return ArrayBuffer.isView(item) ? Array.from(item as unknown as ArrayLike<number>) : item;
  };
  return JSON.stringify(value, plain, indent);
}

interface Table {
  readonly columns: readonly unknown[];
  readonly rows: readonly (readonly unknown[])[];
}

function isTable(data: unknown): data is Table {
  const { columns, rows } = (data ?? {}) as Partial<Record<keyof Table, unknown>>; // of anything
  return Array.isArray(columns) && Array.isArray(rows) && rows.every((row) => Array.isArray(row));
}

function tableText({ columns, rows }: Table, escapeFormulas: boolean): string {
  const cell = (value: unknown): string => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'number') return csvNumber(value);
    return csvText(typeof value === 'object' ? jsonText(value) : String(value), escapeFormulas);
  };
  return [columns, ...rows].map((row) => row.map(cell).join(',') + csvRowEnd).join('');
}
