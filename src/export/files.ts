import { LogError } from '../core/errors.ts';
import { isPlainObject } from '../core/config.ts';
import type { MetricStore, StoredRecord } from '../store/metric-store.ts';
import { contentPieces, recordsOf } from './archive-records.ts';
import { freePath } from './combine-files.ts';
import type { ExportFile } from './export-file.ts';
import { changedError, findRuns, nameKey } from './find-runs.ts';
import { jsonText, recordPath, recordText } from './record-file.ts';

/** Settings of {@link files}; all are optional. */
export interface FilesOptions {
  /** Folders that go in front of each path, for merging the exports of many people: `class-7/anna`. Default: none. */
  readonly prefix?: string;
  /** Put an apostrophe in front of text in tables that a spreadsheet would run as a formula. Default true. */
  readonly escapeFormulas?: boolean;
}

/**
 * Exports what runs hold beside numbers as plain files, which any program opens, in the folders that `tfevents` gives the runs:
 * `<project>/<run name>/images/<tag>/step-000120.png`, texts as Markdown, tables as CSV, sound as WAV, histograms, graphs and the
 * configuration of charts as JSON, files under their own names; `events.jsonl` with events and alerts, `index.jsonl` with what was
 * logged with each file, and `run.json` with config, notes and status. No two files get one name, whatever the case.
 *
 * Which files there are is looked up while they are listed. A content that is lost or damaged in the store has no file; `index.jsonl` says so.
 *
 * ```ts
 * saveButton.onclick = () => download([files(store, ids), csv(store, ids)], 'spiral.zip');
 * ```
 */
export async function* files(
  store: MetricStore,
  runIds: readonly string[],
  options: FilesOptions = {},
): AsyncGenerator<ExportFile, void, undefined> {
  const { escapeFormulas = true } = options;
  for (const { run, folder } of await findRuns(store, runIds, options.prefix, 'files')) {
    yield {
      path: `${folder}/run.json`,
      bytes: textBytes(async () => {
        const now = await store.run(run.id);
        if (now === undefined) throw changedError('files', run.id);
        return `${jsonText(now, 2)}\n`;
      }),
      isEarlier: (there) => isRecordOf(there, run.id),
    };
    // The names of the run's own files are taken from the beginning.
    const own = ['run.json', 'events.jsonl', 'index.jsonl'];
    const names = { files: new Set(own), all: new Set(own) };
    const events: string[] = [];
    const index: string[] = [];
    for await (const record of recordsOf(store, run.id)) {
      const { kind, tag, step, epoch, wallTime, data } = record;
      const wanted = recordPath(record);
      const about = { kind, tag, step, epoch, wall_time: wallTime };
      if (wanted === undefined) {
        events.push(`${jsonText({ ...about, data })}\n`);
        continue;
      }
      const bytes = await bytesOf(store, record, escapeFormulas);
      if (bytes === undefined) {
        index.push(`${jsonText({ ...about, data, file: null })}\n`);
        continue;
      }
      const path = takePath(wanted, names);
      // What is in the file itself is not said again.
      index.push(`${jsonText({ ...about, ...(record.content === undefined ? {} : { data }), file: path })}\n`);
      yield { path: `${folder}/${path}`, bytes };
    }
    if (events.length > 0) yield { path: `${folder}/events.jsonl`, bytes: textBytes(async () => events.join('')) };
    if (index.length > 0) yield { path: `${folder}/index.jsonl`, bytes: textBytes(async () => index.join('')) };
  }
}

/** A path of which the end is no file or folder yet, and no folder is a file. `names` holds those that there are, and gets the new ones. */
function takePath(wanted: string, { files: taken, all }: { readonly files: Set<string>; readonly all: Set<string> }): string {
  const parts = wanted.split('/');
  const name = parts.pop()!; // split gives at least one
  let folder = '';
  for (const part of parts) {
    const free = freePath(folder + part, taken);
    all.add(nameKey(free));
    folder = `${free}/`;
  }
  const path = freePath(folder + name, all);
  for (const set of [taken, all]) set.add(nameKey(path));
  return path;
}

async function bytesOf(store: MetricStore, record: StoredRecord, escapeFormulas: boolean): Promise<ExportFile['bytes'] | undefined> {
  if (record.content === undefined) return textBytes(async () => recordText(record, escapeFormulas));
  try {
    await store.content(record);
  } catch (thrown) {
    if (thrown instanceof LogError && thrown.code === 'bad-data') return undefined;
    throw thrown;
  }
  return { [Symbol.asyncIterator]: () => contentPieces(store, record) };
}

function textBytes(make: () => Promise<string>): ExportFile['bytes'] {
  return {
    async *[Symbol.asyncIterator]() {
      yield new TextEncoder().encode(await make());
    },
  };
}

async function isRecordOf(there: Blob, runId: string): Promise<boolean> {
  try {
    const before: unknown = JSON.parse(await there.text());
    return isPlainObject(before) && before['id'] === runId;
  } catch {
    return false; // no JSON: not ours
  }
}
