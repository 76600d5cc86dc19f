import type { MetricStore } from '../store/metric-store.ts';

/** One file of an export. No points and no contents are read from the store for it before `bytes` is iterated, unless its exporter says so. */
export interface ExportFile {
  /** Relative, with `/` between folders; every part is safe as a name on Windows, macOS and Linux. */
  readonly path: string;
  /** The content, in pieces of some 64 kB to 1 MB, made as fast as they are taken. Can be iterated more than once. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The folder, part of `path`, that this file's run has for itself: no other run's file may go into it. Default: none. */
  readonly folder?: string;
  /**
   * True when `there` is what an earlier export wrote for the same, so that this file may take its place although the
   * beginning differs. Must be false in any doubt: what it says yes to is overwritten. Default: never.
   */
  isEarlier?(there: Blob): Promise<boolean>;
}

/**
 * Turns runs of a store into files. Rejects at its first file with `run-not-found` when an id is unknown. A run that is
 * still running is exported up to what was committed when its file was begun. Reading a file fails with `export-failed` when its run
 * has been deleted, or was continued from an earlier step while an event file was made.
 */
export type Exporter<Options> = (store: MetricStore, runIds: readonly string[], options?: Options) => AsyncIterable<ExportFile>;

/** What sinks accept: files, one exporter's result, or several of them that go into one place. */
export type ExportFiles = AsyncIterable<ExportFile> | Iterable<ExportFile | AsyncIterable<ExportFile>>;
