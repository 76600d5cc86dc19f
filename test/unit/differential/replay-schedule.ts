import type { Hook } from '../../../src/core/hook-rules.ts';
import type { Logger, Metrics } from '../../../src/core/logger.ts';
import { CSVLogger, memoryFolder } from '../../../src/loggers/index.ts';
import * as metrics from '../../../src/metrics/index.ts';
import { startRun } from '../../../src/run/start-run.ts';
import type { Callback, HookContext, TrainHooks, TrainingStepContext } from '../../../src/train/index.ts';
import { Trainer } from '../../../src/train/index.ts';
import { camelCase, type Kept, restored, toNumber } from './fixtures.ts';

type Values = Readonly<Record<string, number>>;

/** One name, or several, that a hook logs whenever it is called, or whenever `every` calls have passed. */
export interface LogEntry {
  readonly hook: string;
  /** `module`, or the name of a callback. Default `module`. */
  readonly owner?: string;
  readonly name?: string;
  /** Logged together by `logDict`; each has the value of the one before it and 1. */
  readonly names?: readonly string[];
  readonly options?: Readonly<Record<string, Kept>>;
  /** The value of each call, in order. */
  readonly values: readonly (number | string)[];
  readonly batchSizes?: readonly number[];
  readonly every?: number;
  readonly times?: number;
  /** The only dataloader whose batches log it. */
  readonly loader?: number;
  readonly metric?: { readonly id: number; readonly class: string; readonly call: 'forward' | 'update' };
}

/** What callbacks can read. */
export interface Dictionaries {
  readonly callback: Values;
  /** Not looked at everywhere. */
  readonly progressBar?: Values;
  readonly logged: Values;
}

/** One case of `test/interop/generate/schedules.py`. */
export interface Schedule {
  readonly name: string;
  readonly trainer: Readonly<Record<string, number>>;
  readonly loops: {
    readonly train: readonly number[];
    readonly isSized: boolean;
    readonly validation?: readonly (readonly number[])[];
    readonly test?: readonly (readonly number[])[];
    readonly batch?: string;
  };
  readonly calls: readonly ('fit' | 'validate' | 'test')[];
  readonly logs: readonly LogEntry[];
  readonly stop?: { readonly hook: string; readonly call: number };
  readonly wrote: Wrote;
}

/** What a program wrote. */
export interface Wrote {
  readonly rows: readonly (readonly [step: number, values: Readonly<Record<string, Kept>>])[];
  readonly seen: readonly (Dictionaries & { readonly when: string })[];
  readonly csv: string | null;
  /** The exception it ended with. */
  readonly error?: string;
  readonly end?: Dictionaries & { readonly stepped: number };
}

/** Hooks that the loop of Lightning has and ours has not: the gradient step is the module's own. */
const withoutCounterpart = new Set(['backward', 'optimizer_step', 'optimizer_zero_grad', 'configure_gradient_clipping']);
const optimizerHooks = new Set(['on_before_zero_grad', 'on_before_backward', 'on_after_backward', 'on_before_optimizer_step']);

/** True for a schedule whose hooks all exist here. */
export function canReplay({ logs }: Schedule): boolean {
  return logs.every(({ hook }) => !withoutCounterpart.has(hook));
}

/** Runs a schedule through our `Trainer` and gives back what it wrote, in the form of the fixture. */
export async function replay(schedule: Schedule): Promise<Wrote> {
  const rows: [number, Record<string, number>][] = [];
  const memory: Logger = {
    name: 'memory',
    logMetrics: (values, at) => rows.push([at.step, { ...(at.isWithoutEpoch === true ? {} : { epoch: at.epoch }), ...values }]),
    logHyperparams: () => {},
  };
  const folder = memoryFolder();
  const loggers = [memory, new CSVLogger({ folder, name: '', version: 'run' })];
  const failures: unknown[] = [];
  const run = await startRun({ store: false, loggers, onWarning: () => {}, onError: (error) => failures.push(error) });
  const probe = new Probe();
  const feed = new Feed(schedule);
  const owners = [...new Set(schedule.logs.map(({ owner = 'module' }) => owner))].filter((owner) => owner !== 'module').sort();
  const trainer = new Trainer({
    ...Object.fromEntries(Object.entries(schedule.trainer).map(([key, value]) => [camelCase(key), value])),
    preset: 'lightning',
    nanPolicy: 'keep',
    callbacks: [...owners.map((owner) => feed.hooksOf(owner) as Callback), probe.callback],
  });
  const module = moduleOf(schedule, feed);
  let error: unknown;
  try {
    for (const call of schedule.calls) await trainer[call](module, { run });
  } catch (thrown) {
    error = thrown;
  }
  error ??= failures[0];
  const end = { ...dictionariesOf(trainer), stepped: run.step };
  await run.finish(error === undefined ? 'finished' : 'failed').catch(() => {});
  const csv = (await folder.text('run/metrics.csv')) ?? null;
  return { rows, seen: probe.seen, csv, ...(error === undefined ? { end } : { error: errorName(error) }) };
}

function errorName(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  throw error;
}

function dictionariesOf(from: {
  readonly callbackMetrics: Metrics;
  readonly progressBarMetrics: Metrics;
  readonly loggedMetrics: Metrics;
}): Dictionaries {
  return { callback: { ...from.callbackMetrics }, progressBar: { ...from.progressBarMetrics }, logged: { ...from.loggedMetrics } };
}

/** Looks at what callbacks can read when the numbers of an epoch are whole. */
class Probe {
  readonly seen: (Dictionaries & { readonly when: string })[] = [];

  get callback(): Callback {
    const look = (when: string, context: HookContext): void => void this.seen.push({ when, ...dictionariesOf(context) });
    const lookBesideBar = (when: string, { callbackMetrics, loggedMetrics }: HookContext): void =>
      void this.seen.push({ when, callback: { ...callbackMetrics }, logged: { ...loggedMetrics } });
    return {
      onTrainEpochStart: (context) => {
        if (context.epoch > 0) lookBesideBar('onTrainEpochStart', context);
      },
      onValidationEnd: (context) => {
        if (!context.isSanityChecking) look('onValidationEnd', context);
      },
      onTestEnd: (context) => look('onTestEnd', context),
      onTrainEnd: (context) => look('onTrainEnd', context),
    };
  }
}

type LogContext = Pick<TrainingStepContext, 'log' | 'logDict' | 'stop' | 'dataloaderIdx'>;

/** Gives each entry of a schedule its next value, and carries the entries of a hook out. */
class Feed {
  readonly #schedule: Schedule;
  readonly #used: number[];
  readonly #called: number[];
  readonly #metrics = new Map<number, metrics.MeanMetric>();
  #stopCalls = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#used = schedule.logs.map(() => 0);
    this.#called = schedule.logs.map(() => 0);
    for (const { metric } of schedule.logs) if (metric !== undefined) this.#metrics.set(metric.id, metricOf(metric.class));
  }

  /** The hooks of one owner, but for steps. */
  hooksOf(owner: string): Record<string, (context: LogContext) => void> {
    const { logs, stop } = this.#schedule;
    const names = new Set(logs.filter((entry) => (entry.owner ?? 'module') === owner).map(({ hook }) => hook));
    if (owner === 'module' && stop !== undefined) names.add(stop.hook);
    return Object.fromEntries(
      [...names]
        .filter((hook) => !hook.endsWith('_step') || optimizerHooks.has(hook))
        .map((hook) => [camelCase(hook), (context: LogContext) => this.run(owner, hook, context)]),
    );
  }

  run(owner: string, hook: string, context: LogContext): void {
    for (const [index, entry] of this.#schedule.logs.entries()) {
      if (entry.hook !== hook || (entry.owner ?? 'module') !== owner) continue;
      if (entry.loader !== undefined && entry.loader !== context.dataloaderIdx) continue;
      const called = this.#called[index]!++;
      if (called % (entry.every ?? 1) !== 0) continue;
      for (let time = 0; time < (entry.times ?? 1); time++) this.#log(index, entry, context);
    }
    const { stop } = this.#schedule;
    if (owner === 'module' && stop?.hook === hook && this.#stopCalls++ === stop.call) context.stop();
  }

  #log(index: number, entry: LogEntry, context: LogContext): void {
    const used = this.#used[index]!++;
    const kept = entry.values[used];
    if (kept === undefined) throw new Error(`${entry.hook} logs ${entry.name ?? ''} more often than Lightning did: ${used + 1} times.`);
    const value = toNumber(kept);
    const options = Object.fromEntries(Object.entries(entry.options ?? {}).map(([key, option]) => [camelCase(key), restored(option)]));
    if (entry.batchSizes !== undefined) options['batchSize'] = entry.batchSizes[used];
    if (entry.metric !== undefined) {
      const metric = this.#metrics.get(entry.metric.id)!;
      if (entry.metric.call === 'update') metric.update(value);
      else void metric.forward(value);
      context.log(entry.name!, metric, options);
    } else if (entry.names !== undefined) {
      context.logDict(Object.fromEntries(entry.names.map((name, extra) => [name, value + extra])), options);
    } else context.log(entry.name!, value, options);
  }
}

function metricOf(name: string): metrics.MeanMetric {
  const exported = metrics as unknown as Readonly<Record<string, new (options: object) => metrics.MeanMetric>>; // the aggregators of the fixture
  return new exported[name]!({ onWarning: () => {} });
}

function moduleOf(schedule: Schedule, feed: Feed): TrainHooks {
  const { loops, logs } = schedule;
  const batches = (sizes: readonly number[]): unknown[] => sizes.map((size) => batchOf(size, loops.batch ?? 'tensor'));
  const loaders = (several: readonly (readonly number[])[]): (() => unknown[])[] => several.map((sizes) => () => batches(sizes));
  const makesGradientStep = logs.some(({ hook }) => optimizerHooks.has(hook));
  const step = (hook: string) => (_: unknown, context: LogContext) => feed.run('module', hook, context);
  return {
    ...feed.hooksOf('module'),
    // Accumulating needs to know which batch is the last; Lightning looks one ahead.
    ...((schedule.trainer['accumulate_grad_batches'] ?? 1) > 1 ? { stepsPerEpoch: loops.train.length } : {}),
    trainBatches: () => (loops.isSized ? batches(loops.train) : oneByOne(batches(loops.train))),
    trainingStep: (_, context) => {
      feed.run('module', 'training_step', context);
      if (makesGradientStep)
        context.gradientStep(
          () => ({}),
          () => {},
        );
    },
    ...(loops.validation === undefined ? {} : { validationLoaders: loaders(loops.validation), validationStep: step('validation_step') }),
    ...(loops.test === undefined ? {} : { testLoaders: loaders(loops.test), testStep: step('test_step') }),
  };
}

function* oneByOne<Item>(items: readonly Item[]): Generator<Item> {
  yield* items;
}

/** A batch of so many samples, in the forms that batches have. */
function batchOf(size: number, kind: string): unknown {
  switch (kind) {
    case 'record':
      return { xs: new Float32Array(size), ys: new Float32Array(size) };
    case 'list':
      return [new Float32Array(size), new Float32Array(size)];
    case 'ragged':
      return { xs: new Float32Array(size), ys: new Float32Array(size + 1) };
    case 'nested':
      return { id: 'a name', in: { xs: new Float32Array(size) } };
    default:
      return new Float32Array(size);
  }
}

/** Our name of one of Lightning's hooks. */
export function hookOf(name: string): Hook {
  return camelCase(name) as Hook; // the fixture has no others
}
