import { describe, LogError } from '../core/errors.ts';
import type { Logger, Metrics, Moment } from '../core/logger.ts';
import type { Config, RunInfo } from '../core/run-info.ts';
import { createWarner, type Warner } from '../core/warnings.ts';
import { pythonFloat } from '../formats/python-float.ts';
import { csvLine, csvLines, type CsvRow, parseCsv, relaid, widened } from './csv-table.ts';
import { createHparamsFile, type HparamsFile } from './hparams-file.ts';
import { createTurns, joinPath, type LogFolder } from './log-folder.ts';
import { createVersionFolder, refuseNoOptions, type VersionFolder, type VersionOptions } from './version-folder.ts';
import { sayOfTables } from './words.ts';

/** Settings of a {@link CSVLogger}. */
export interface CSVLoggerOptions extends VersionOptions {
  /** Where the files go. */
  readonly folder: LogFolder;
  /**
   * Rows are written when the step passes a multiple of this, besides the end of each epoch and wherever else the run saves. Where the
   * file is long they are written less often, so that copying it costs little. Default 100.
   */
  readonly flushLogsEveryNSteps?: number;
}

/** Rows that are held at most while writing fails. */
const mostHeld = 100_000;
/** Each write copies the file, so it is written no more often than when this part of it is new. */
const newShare = 1 / 16;

/**
 * Writes `metrics.csv` and `hparams.yaml` as Lightning's `CSVLogger` does, to `<name>/version_<n>/` of a folder: one line for each
 * row, columns sorted with `step` and `epoch` in their place, empty cells for what a row does not have, floats as Python prints them,
 * `\r\n`. A new column rewrites the file with all of its lines. Unlike Lightning's, it never deletes a table that is there: with the
 * `version` of before it goes on behind it.
 *
 * ```ts
 * const run = await startRun({ loggers: [new CSVLogger({ folder: opfsFolder(), name: 'mnist' })] });
 * ```
 */
export class CSVLogger implements Logger {
  readonly name = 'csv';
  readonly #folder: LogFolder;
  readonly #place: VersionFolder;
  readonly #hparams: HparamsFile;
  readonly #everySteps: number;
  readonly #warn: Warner = createWarner();
  readonly #turns: ReturnType<typeof createTurns> = createTurns();
  #rows: CsvRow[] = [];
  /** Of the file; undefined before it was looked at, empty where there is none. */
  #columns: readonly string[] | undefined;
  #written = 0;
  #isLineOpen = false;
  #flushes = 0;
  #isSaving = false;

  /** Throws `bad-options`. */
  constructor(options: CSVLoggerOptions) {
    refuseNoOptions(options, 'CSVLogger');
    const { folder, flushLogsEveryNSteps = 100 } = options;
    if (!(Number.isFinite(flushLogsEveryNSteps) && flushLogsEveryNSteps >= 1)) {
      throw new LogError(
        'bad-options',
        `new CSVLogger({ flushLogsEveryNSteps: ${describe(flushLogsEveryNSteps)} }): need a number from 1 on.`,
      );
    }
    this.#folder = folder;
    this.#everySteps = flushLogsEveryNSteps;
    this.#place = createVersionFolder(folder, options, 'CSVLogger');
    this.#hparams = createHparamsFile(folder, this.#place);
  }

  get version(): number | string | undefined {
    return this.#place.version;
  }

  /** Where its files are, in its folder: `lightning_logs/version_0`. */
  logDir(): Promise<string> {
    return this.#place.path();
  }

  start(_run: RunInfo): void {
    void this.logDir().catch(() => undefined); // told by save
  }

  logMetrics(metrics: Metrics, at: Moment): void {
    const row = new Map<string, string>();
    if (at.isWithoutEpoch !== true) row.set('epoch', whole(at.epoch));
    for (const name in metrics) if (Object.hasOwn(metrics, name)) row.set(name, pythonFloat(metrics[name]!));
    if (row.has('step')) this.#warn('step', sayOfTables('step-column'));
    row.set('step', whole(at.step));
    this.#rows.push(row);
    if (this.#rows.length > mostHeld) {
      this.#rows.shift();
      this.#warn('held', sayOfTables('held', { most: mostHeld }));
    }
    const flushes = Math.floor((at.step + 1) / this.#everySteps);
    if (flushes <= this.#flushes || this.#rows.length < this.#written * newShare) return;
    this.#flushes = flushes;
    void this.#saveSoon();
  }

  logHyperparams(params: Config): void {
    this.#hparams.add(params);
    void this.#saveSoon();
  }

  /** Resolves when everything logged before is in the files. Rejects with `export-failed`; what could not be written is kept. */
  save(): Promise<void> {
    return this.#turns(async () => {
      try {
        await this.#hparams.write();
        await this.#write();
      } catch (thrown) {
        throw writeError('CSVLogger', thrown);
      }
    });
  }

  finalize(): Promise<void> {
    return this.save();
  }

  /** What fails here is kept, and told by the next save of the run if it fails again. */
  async #saveSoon(): Promise<void> {
    if (this.#isSaving) return;
    this.#isSaving = true;
    await this.save().catch(() => undefined);
    this.#isSaving = false;
  }

  async #write(): Promise<void> {
    if (this.#rows.length === 0) return;
    const path = joinPath(await this.logDir(), 'metrics.csv');
    this.#columns ??= await this.#look(path);
    const rows = [...this.#rows];
    const columns = widened(this.#columns, rows);
    const lines = csvLines(rows, columns);
    if (columns.join('\n') === this.#columns.join('\n')) {
      await this.#folder.append(path, encode((this.#isLineOpen ? '\r\n' : '') + lines));
    } else {
      const before = this.#columns.length === 0 ? csvLine(columns) : relaid(await this.#read(path), columns);
      await this.#folder.write(path, encode(before + lines));
    }
    this.#isLineOpen = false;
    this.#columns = columns;
    this.#written += rows.length;
    // More may have come meanwhile, and the oldest may have been let go.
    this.#rows = this.#rows.slice(this.#rows.indexOf(rows.at(-1)!) + 1);
  }

  /** The columns of the table that is there. */
  async #look(path: string): Promise<readonly string[]> {
    const text = (await (await this.#folder.read(path))?.text()) ?? '';
    const [header = [], ...rows] = parseCsv(text);
    this.#written = rows.length;
    this.#isLineOpen = header.length > 0 && !text.endsWith('\n');
    return header;
  }

  async #read(path: string): Promise<string[][]> {
    return parseCsv((await (await this.#folder.read(path))?.text()) ?? '');
  }
}

/** An error that names the logger; the folder's own says the rest. */
export function writeError(logger: string, thrown: unknown): LogError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new LogError('export-failed', `${logger}: ${text}`, { cause: thrown });
}

function whole(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : pythonFloat(value);
}

const utf8 = /* @__PURE__ */ new TextEncoder();

function encode(text: string): Uint8Array<ArrayBuffer> {
  return utf8.encode(text);
}
