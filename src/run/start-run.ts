import { toConfig } from '../core/config.ts';
import type { Engine } from '../core/engine.ts';
import { describe, LogError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { newRunId } from '../core/run-id.ts';
import { folderSafe } from '../core/run-name.ts';
import type { Json, RunInfo } from '../core/run-info.ts';
import { createWarner, type Warning } from '../core/warnings.ts';
import type { MetricStore, RunLock } from '../store/metric-store.ts';
import { openStore } from '../store/open-store.ts';
import { Run } from './run.ts';
import { StoreLogger } from './store-logger.ts';

/** How a run is started. Everything has a default. */
export interface StartRunOptions {
  /** Runs of one project are listed and drawn together. Default `default`. */
  readonly project?: string;
  /** Made unique within the project and safe as a folder name. Default `<project>-<n>`. */
  readonly name?: string;
  /** Unique within the store. Default: random. Rejects with `run-exists` when it is taken. */
  readonly id?: string;
  /** Hyperparameters: plain data. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Default `openStore()`, closed when the run finishes. `false` keeps nothing in the browser. */
  readonly store?: MetricStore | false;
  /** Further places that get everything, beside the store. */
  readonly loggers?: readonly Logger[];
  /** Reads tensors back in batches, e.g. `tfjsEngine()`. Without one tensors are read one by one. */
  readonly engine?: Engine;
  /** Points that start a flush to the store. Default 4,096. */
  readonly maxQueue?: number;
  /** Seconds after which even a single point is flushed to the store. Default 1; sooner while the run is young. */
  readonly flushSecs?: number;
  /** Longest time in milliseconds that a GPU scalar waits to be read. Default 250. */
  readonly readEveryMs?: number;
  /** Facts for the run's record. */
  readonly facts?: Readonly<Record<string, Json>>;
  /** Hears of every error that does not stop training. Without it errors go to the console and `finish()` rejects with them. */
  readonly onError?: (error: LogError) => void;
  /** Hears of every warning, once each. Default: the console. */
  readonly onWarning?: (warning: Warning) => void;
}

/**
 * Starts a run. It is kept in the browser's database until it is deleted, whether or not it is ever finished.
 * Rejects with `run-locked`, `run-exists`, `bad-options`, or the store's error.
 *
 * ```ts
 * const run = await startRun({ project: 'spiral', config: { lr: 0.03 } });
 * for (let step = 0; step < 1000; step++) run.log({ loss: Math.exp(-step / 300) }, { step });
 * ```
 */
export async function startRun(options: StartRunOptions = {}): Promise<Run> {
  const { project = 'default', maxQueue = 4096, flushSecs = 1, readEveryMs = 250 } = options;
  if (typeof project !== 'string' || project.trim() === '') {
    throw new LogError('bad-options', `startRun({ project: ${describe(project)} }): need a name for the project, or leave it out.`);
  }
  for (const key of ['name', 'id'] as const) {
    const text: unknown = options[key];
    if (text === undefined || (typeof text === 'string' && text !== '')) continue;
    throw new LogError('bad-options', `startRun({ ${key}: ${describe(text)} }): need a text, or leave it out.`);
  }
  refuseBadLoggers(options.loggers ?? []);
  atLeast('maxQueue', maxQueue, 1);
  atLeast('flushSecs', flushSecs, 0);
  atLeast('readEveryMs', readEveryMs, 0);
  const config = toConfig(options.config ?? {}, 'startRun()');
  const warn = createWarner(options.onWarning);
  const untold: LogError[] = [];
  const onError = options.onError ?? tellConsole(untold);

  const ownsStore = options.store === undefined;
  const store = options.store === false ? undefined : (options.store ?? (await openStore()));
  let lock: RunLock | undefined;
  try {
    const id = options.id ?? newRunId();
    // Before the record: a run that is `running` without a lock reads as interrupted.
    lock = await store?.lockRun(id);
    const fresh = { id, project, startedAt: Date.now() / 1000, config, ...(options.facts === undefined ? {} : { facts: options.facts }) };
    const info: RunInfo =
      store === undefined
        ? { ...fresh, name: folderSafe(options.name ?? project), status: 'running' }
        : await store.createRun({ ...fresh, ...(options.name === undefined ? {} : { name: options.name }) });
    const loggers = [...(options.loggers ?? [])];
    if (store !== undefined) loggers.unshift(new StoreLogger({ store, runId: id, maxQueue, flushSecs, onError, warn }));
    return new Run({ info, store, ownsStore, lock, loggers, engine: options.engine, readEveryMs, onError, untold, warn });
  } catch (thrown) {
    lock?.release();
    if (ownsStore) await store?.close();
    throw thrown;
  }
}

function refuseBadLoggers(loggers: unknown): void {
  const list: readonly unknown[] = Array.isArray(loggers) ? loggers : [undefined];
  if (list.every((logger) => typeof (logger as Logger | null | undefined)?.logMetrics === 'function')) return;
  throw new LogError(
    'bad-options',
    `startRun({ loggers: ${describe(loggers)} }): need a list of loggers. Each has at least logMetrics(metrics, at).`,
  );
}

function atLeast(name: string, value: number, least: number): void {
  if (typeof value === 'number' && value >= least) return;
  throw new LogError('bad-options', `startRun({ ${name}: ${describe(value)} }): need a number of at least ${least}.`);
}

function tellConsole(untold: LogError[]): (error: LogError) => void {
  return (error) => {
    untold.push(error);
    console.error(`tabtrain: ${error.message}`, error.cause ?? '');
  };
}
