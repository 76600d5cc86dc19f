import { csvColumns, csvNumber, csvRowEnd, csvText } from '../formats/csv.ts';
import { flattenConfig } from '../formats/flatten-config.ts';
import type { FlatValue } from '../formats/flatten-config.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { isTableWithin } from './earlier-export.ts';
import type { ExportFile } from './export-file.ts';
import { changedError, findRuns, folderOf } from './find-runs.ts';
import type { RunFolder } from './find-runs.ts';
import { inLogOrder } from './log-order.ts';
import { createBreather } from '../core/yield-to-page.ts';

/** Settings of {@link csv}; all are optional. */
export interface CsvOptions {
  /** Folders that go in front of the path and of the names in column `run`. Default: none. */
  readonly prefix?: string;
  /**
   * Put an apostrophe in front of text (tags, run names, config) that a spreadsheet would run as a formula. Numbers are
   * never touched. Default true; false keeps all text as logged.
   */
  readonly escapeFormulas?: boolean;
}

const pieceChars = 128 * 1024;

/**
 * Exports runs as one table, `metrics.csv`, with the header `run,tag,step,epoch,wall_time,value` and one more column
 * `config/<key>` for each hyperparameter, nested keys joined with `/`. One row for each point that was logged, in log order, repeated
 * steps included; values keep all digits of a float64. `run` is the name that TensorBoard shows for the same export.
 *
 * ```ts
 * saveButton.onclick = () => download([tfevents(store, ids), csv(store, ids)], 'my-runs.zip');
 * ```
 */
export async function* csv(
  store: MetricStore,
  runIds: readonly string[],
  options: CsvOptions = {},
): AsyncGenerator<ExportFile, void, undefined> {
  const runs = await findRuns(store, runIds, options.prefix, 'csv');
  const bytes = { [Symbol.asyncIterator]: () => encodeTable(store, runs, options.escapeFormulas ?? true) };
  yield { path: `${folderOf(options.prefix)}metrics.csv`, bytes, isEarlier: (there) => isTableWithin(there, bytes) };
}

async function* encodeTable(
  store: MetricStore,
  runs: readonly RunFolder[],
  escapeFormulas: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  const utf8 = new TextEncoder();
  const breathe = createBreather();
  const configs = runs.map(({ run }) => flattenConfig(run.config));
  const keys = [...new Set(configs.flatMap((config) => [...config.keys()]))];
  const header = [...csvColumns, ...keys.map((key) => csvText(`config/${key}`, escapeFormulas))];
  let text = header.join(',') + csvRowEnd;

  for (const [i, { run, folder }] of runs.entries()) {
    const cells = keys.map((key) => `,${cellOf(configs[i]!.get(key), escapeFormulas)}`);
    const rowEnd = cells.join('') + csvRowEnd;
    const runCell = csvText(folder, escapeFormulas);
    // Rows of one moment share their wall time, and its text costs as much as all the rest of a row.
    let wallTimeBefore = NaN;
    let wallTimeText = '';
    const chunks = store.chunks(run.id);
    // Of a run that was deleted before it was asked for them, a store would give no points and no error.
    if ((await store.run(run.id)) === undefined) throw changedError('csv', run.id);
    for await (const { tags, tag, step, epoch, wallTime, value } of inLogOrder(chunks)) {
      const rowStarts = tags.map((one) => `${runCell},${csvText(one, escapeFormulas)},`);
      for (let row = 0; row < step.length; row++) {
        if (wallTime[row] !== wallTimeBefore) {
          wallTimeBefore = wallTime[row]!;
          wallTimeText = csvNumber(wallTimeBefore);
        }
        text += `${rowStarts[tag[row]!]!}${csvNumber(step[row]!)},${csvNumber(epoch[row]!)},${wallTimeText},${csvNumber(value[row]!)}${rowEnd}`;
        if (text.length >= pieceChars) {
          yield utf8.encode(text);
          text = '';
        }
      }
      await breathe();
    }
  }
  yield utf8.encode(text);
}

function cellOf(value: FlatValue | undefined, escapeFormulas: boolean): string {
  if (value === undefined) return '';
  return typeof value === 'number' ? csvNumber(value) : csvText(String(value), escapeFormulas);
}
