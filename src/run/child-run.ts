import { describe, LogError } from '../core/errors.ts';
import { loggerName } from '../core/logger-fan-out.ts';
import type { Logger, Metrics } from '../core/logger.ts';
import type { EndStatus, RunInfo } from '../core/run-info.ts';
import { childFact, folderSafe } from '../core/run-name.ts';
import type { MetricStore, RunLock } from '../store/metric-store.ts';
import type { RunParts } from './run-parts.ts';
import { StoreLogger } from './store-logger.ts';

/**
 * The parts of a run within a run: a record of its own in the same store, whose `parent` is the other one, called
 * `<parent>-<name>`. It can be logged into at once; its record is made meanwhile, and what is logged waits for that. Where the parent
 * was continued, a child of this name that it had is continued, too.
 *
 * The loggers of the parent get its rows and records as well, with `<name>/` before each tag. Throws `bad-options`.
 */
export function childParts(
  parent: RunParts,
  parentInfo: () => RunInfo,
  name: string,
  outer: () => { readonly step: number; readonly epoch: number },
): RunParts {
  if (typeof name !== 'string' || name === '') {
    throw new LogError('bad-options', `run.child(${describe(name)}): need a name, e.g. 'validation'.`);
  }
  const about = parentInfo();
  const fresh = {
    id: `${about.id}/${name}`,
    project: about.project,
    name: folderSafe(`${about.name}-${name}`),
    startedAt: Date.now() / 1000,
    parent: about.id,
    facts: { [childFact]: name },
  };
  let info: RunInfo = { ...fresh, status: 'running', config: {} };
  const { store, maxQueue, flushSecs, warn, onError } = parent;
  const parts = {
    ...parent,
    info,
    ownsStore: false,
    loggers: parent.loggers.map((logger) => loggerWithin(logger, name, parentInfo)),
    from: outer(),
    outer,
    // Those of the parent are told by the parent.
    untold: [],
  };
  if (store === undefined) return { ...parts, lock: undefined, storeLogger: undefined };

  let lock: RunLock | undefined;
  let making: Promise<number> | undefined;
  let firstSeq = 0;
  const make = async (): Promise<number> => {
    // Before the record: a run that is `running` without a lock reads as interrupted.
    lock ??= await store.lockRun(fresh.id);
    try {
      info = await store.createRun(fresh);
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof LogError) || thrown.code !== 'run-exists') throw thrown;
      const fromStep = about.resumes?.at(-1)?.fromStep;
      const resumed = await store.resumeRun(fresh.id, { at: fresh.startedAt, ...(fromStep === undefined ? {} : { fromStep }) });
      info = resumed.info;
      return resumed.nextSeq;
    }
  };
  /** Rejects with what the store says; whoever asks again tries again. */
  const made = async (): Promise<void> => {
    making ??= make();
    try {
      firstSeq = await making;
    } catch (thrown) {
      making = undefined;
      throw thrown;
    }
  };
  // Those who log are told when it cannot be made.
  made().catch(() => {});
  const storeLogger = new StoreLogger({
    store: {
      async append(chunk) {
        await made();
        await store.append({ ...chunk, seq: firstSeq + chunk.seq });
      },
      offerUnsaved: (runId, read) =>
        store.offerUnsaved(runId, async () => (await read()).map((points) => ({ ...points, seq: firstSeq + points.seq }))),
    },
    runId: fresh.id,
    maxQueue,
    flushSecs,
    onError,
    warn,
  });
  const release = (): void => {
    const settled = making ?? Promise.resolve(0);
    void settled.then(
      () => lock?.release(),
      () => lock?.release(),
    );
  };
  return {
    ...parts,
    // As it is stored, once it is.
    get info() {
      return info;
    },
    store: storeWhen(store, made),
    storeLogger,
    lock: { release },
  };
}

/** The store, whose calls about the run's record wait until there is one. */
function storeWhen(store: MetricStore, made: () => Promise<void>): MetricStore {
  const waiting: ReadonlySet<unknown> = new Set<keyof MetricStore>(['addRecords', 'updateRun', 'run']);
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (!waiting.has(key)) return value.bind(target) as unknown;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        await made();
        return value.apply(target, args) as unknown;
      };
    },
  });
}

/** A logger of the parent as the child sees it. Its beginning and end are the parent's, as is saving: two may not save it at a time. */
function loggerWithin(logger: Logger, name: string, parentInfo: () => RunInfo): Logger {
  const prefixed = (metrics: Metrics): Metrics =>
    Object.fromEntries(Object.entries(metrics).map(([tag, value]) => [`${name}/${tag}`, value]));
  return {
    name: loggerName(logger),
    ...(logger.loggers && { loggers: logger.loggers.map((one) => loggerWithin(one, name, parentInfo)) }),
    logMetrics: (metrics, at) => logger.logMetrics(prefixed(metrics), at),
    logHyperparams(params, metrics) {
      if (Object.keys(params).length === 0 && metrics === undefined) return;
      return logger.logHyperparams({ ...parentInfo().config, [name]: params }, metrics && prefixed(metrics));
    },
    ...(logger.logRecord && { logRecord: (record) => logger.logRecord?.({ ...record, tag: `${name}/${record.tag}` }) }),
    ...(logger.supports && { supports: (kind) => logger.supports?.(kind) === true }),
    ...(logger.logGraph && { logGraph: (graph) => logger.logGraph?.(graph) }),
  };
}

/** What a run does to the runs within it. */
interface Child {
  readonly settled: Promise<void>;
  flush(): Promise<void>;
  finish(status: EndStatus, failure?: string): Promise<void>;
}

/** The runs within a run, by name. */
export class ChildRuns<Run extends Child> {
  readonly #runs = new Map<string, Run>();
  readonly #unsettled = new Set<Run>();

  /** The one of this name, made if there is none. */
  get(name: string, make: () => Run): Run {
    const known = this.#runs.get(name);
    if (known !== undefined) return known;
    const run = make();
    this.#runs.set(name, run);
    this.#unsettled.add(run);
    void run.settled.then(() => this.#unsettled.delete(run));
    return run;
  }

  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#runs.values(), (run) => run.flush()));
  }

  async finish(status: EndStatus, failure: string | undefined): Promise<void> {
    await Promise.all(Array.from(this.#runs.values(), (run) => run.finish(status, failure)));
  }

  /** Resolves when the store has everything of them; undefined when it has. */
  get settling(): Promise<unknown> | undefined {
    return this.#unsettled.size === 0 ? undefined : Promise.all(Array.from(this.#unsettled, ({ settled }) => settled));
  }
}
