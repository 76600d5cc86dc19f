import { toConfig } from '../core/config.ts';
import { type ConfigText, configTextFacts, isConfigText } from '../core/config-text.ts';
import { type Engine, EngineSlot } from '../core/engine.ts';
import { describe, LogError, toLogError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { defined } from '../core/defined.ts';
import { newRunId } from '../core/run-id.ts';
import { folderSafe } from '../core/run-name.ts';
import type { Json } from '../core/run-info.ts';
import type { TrainEvents } from '../core/train-events.ts';
import { createWarner, type Warning } from '../core/warnings.ts';
import type { MetricStore, RunLock } from '../store/metric-store.ts';
import { openStore } from '../store/open-store.ts';
import { type BegunRun, continueRun, newRun, refuseBadResume } from './continue-run.ts';
import { keepStore } from './keep-store.ts';
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
  /**
   * The id of a run to continue: it is `running` again, and what is logged goes behind what it has. `config`, `facts`, `tags` and
   * `notes` are added to its record. Rejects with `run-not-found`, and with `run-locked` while somebody writes it.
   */
  readonly resume?: string;
  /**
   * Where to continue, such as the step of a checkpoint: points of the run at and past it are superseded, so that readers and
   * exporters pass over them; `store.bringBack()` undoes that. Default: behind the last step, and nothing is superseded.
   */
  readonly fromStep?: number;
  /** Labels of your own, to find the run again. */
  readonly tags?: readonly string[];
  /** Free text of your own. */
  readonly notes?: string;
  /** The id of the run that this one belongs to. */
  readonly parent?: string;
  /** Hyperparameters: plain data, or what `readConfig` has read from JSON or YAML text, which is kept as it was written. */
  readonly config?: Readonly<Record<string, unknown>> | ConfigText;
  /** Default `openStore()`, closed when the run finishes. `false` keeps nothing in the browser. */
  readonly store?: MetricStore | false;
  /** Further places that get everything, beside the store. */
  readonly loggers?: readonly Logger[];
  /** Reads tensors back in batches, e.g. `tfjsEngine()`. Without one tensors are read one by one. */
  readonly engine?: Engine;
  /**
   * Points that start a flush to the store. Default 4,096. A training that awaits `endStep()` is held back while more than 16 times
   * as many are not committed, so a crash costs at most these and the points of one step.
   */
  readonly maxQueue?: number;
  /** Seconds after which even a single point is flushed to the store. Default 1; sooner while the run is young. */
  readonly flushSecs?: number;
  /** Longest time in milliseconds that a GPU scalar waits to be read. Default 250. */
  readonly readEveryMs?: number;
  /**
   * Ask the browser, once the run has gone on for a minute or has ended, not to clear the store by itself when the disk fills up.
   * Some browsers then ask the person. Default true.
   */
  readonly persist?: boolean;
  /** Facts for the run's record. */
  readonly facts?: Readonly<Record<string, Json>>;
  /** Hears of every error that does not stop training. Without it errors go to the console and `finish()` rejects with them. */
  readonly onError?: (error: LogError) => void;
  /** Hears of `run.alert()`, besides the store and the loggers. Default: nobody. */
  readonly onAlert?: (alert: TrainEvents['alert']) => void;
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
  for (const key of ['name', 'id', 'resume', 'notes', 'parent'] as const) {
    const text: unknown = options[key];
    if (text === undefined || (typeof text === 'string' && (text !== '' || key === 'notes'))) continue;
    throw new LogError('bad-options', `startRun({ ${key}: ${describe(text)} }): need a text, or leave it out.`);
  }
  refuseBadTags(options.tags ?? []);
  refuseBadResume(options);
  refuseBadLoggers(options.loggers ?? []);
  atLeast('maxQueue', maxQueue, 1);
  atLeast('flushSecs', flushSecs, 0);
  atLeast('readEveryMs', readEveryMs, 0);
  const given = options.config ?? {};
  const config = toConfig(isConfigText(given) ? given.values : given, 'startRun()');
  const warn = createWarner(options.onWarning);
  const untold: LogError[] = [];
  const tell = tellConsole(untold);
  const onError = options.onError === undefined ? tell : guarded(options.onError, tell);

  const ownsStore = options.store === undefined;
  const store = options.store === false ? undefined : (options.store ?? (await openStore()));
  let lock: RunLock | undefined;
  try {
    const id = options.resume ?? options.id ?? newRunId();
    // Before the record: a run that is `running` without a lock reads as interrupted.
    lock = await store?.lockRun(id);
    const { tags, notes, parent } = options;
    const facts = isConfigText(given) ? { ...configTextFacts(given), ...options.facts } : options.facts;
    const about = { config, ...defined({ facts, tags, notes }) };
    const fresh = { id, project, startedAt: Date.now() / 1000, ...about, ...defined({ parent }) };
    const begun: BegunRun =
      store === undefined
        ? { ...newRun, info: { ...fresh, name: folderSafe(options.name ?? project), status: 'running' } }
        : options.resume === undefined
          ? { ...newRun, info: await store.createRun({ ...fresh, ...defined({ name: options.name }) }) }
          : await continueRun(store, options.resume, options, about);
    // Other stores are not the browser's to clear.
    const keeper = store?.kind === 'indexeddb' ? keepStore(warn, options.persist !== false) : undefined;
    const storeLogger = store && new StoreLogger({ store, runId: id, nextSeq: begun.nextSeq, maxQueue, flushSecs, onError, warn, keeper });
    return new Run({
      ...begun,
      store,
      ownsStore,
      lock,
      storeLogger,
      loggers: (options.loggers ?? []).map((logger) => logger.forRun?.() ?? logger),
      engine: new EngineSlot(options.engine),
      readEveryMs,
      maxQueue,
      flushSecs,
      onAlert: options.onAlert,
      onError,
      untold,
      warn,
    });
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

function refuseBadTags(tags: unknown): void {
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && tag !== '')) return;
  throw new LogError('bad-options', `startRun({ tags: ${describe(tags)} }): need a list of texts, e.g. ['baseline'].`);
}

function atLeast(name: string, value: number, least: number): void {
  if (typeof value === 'number' && value >= least) return;
  throw new LogError('bad-options', `startRun({ ${name}: ${describe(value)} }): need a number of at least ${least}.`);
}

/** A listener that throws must not stop what tells it: what it did not hear is told otherwise, and once that it failed. */
function guarded(listener: (error: LogError) => void, tell: (error: LogError) => void): (error: LogError) => void {
  let hasFailed = false;
  return (error) => {
    try {
      listener(error);
    } catch (thrown) {
      tell(error);
      if (!hasFailed) tell(toLogError(thrown, 'logger-threw', 'startRun({ onError }): the listener threw; everything else goes on'));
      hasFailed = true;
    }
  };
}

function tellConsole(untold: LogError[]): (error: LogError) => void {
  return (error) => {
    untold.push(error);
    console.error(`tabtrain: ${error.message}`, error.cause ?? '');
  };
}
