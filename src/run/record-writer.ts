import { isPlainObject, toConfig, toPlainData } from '../core/config.ts';
import { isSmallDevice } from '../core/device-memory.ts';
import { describe, LogError } from '../core/errors.ts';
import type { LoggerFanOut } from '../core/logger-fan-out.ts';
import type { Metrics, ModelGraph } from '../core/logger.ts';
import type {
  AudioOptions,
  FigureSource,
  HistogramOptions,
  ImageOptions,
  ImageSource,
  NumberData,
  PixelData,
  RecordOptions,
  RecordVerbs,
  TableData,
} from '../core/record-verbs.ts';
import type { RecordData, RecordKind } from '../core/records.ts';
import type { Config, RunInfo } from '../core/run-info.ts';
import type { Timer } from '../core/timer.ts';
import type { TrainEvents } from '../core/train-events.ts';
import type { Warner } from '../core/warnings.ts';
import { takeFigure } from '../media/figure.ts';
import { takeHistogram } from '../media/histogram.ts';
import { takeImage, takeImages } from '../media/image.ts';
import { badValue, type Taken, type WarnOfMedia } from '../media/record-body.ts';
import { takeTable } from '../media/table.ts';
import { takeAudio } from '../media/wav.ts';
import { isRecordKind } from '../store/check-record.ts';
import type { MetricStore, RunChange } from '../store/metric-store.ts';
import { closedRun } from './closed-run.ts';
import { RecordQueue } from './record-queue.ts';
import { sayOfRuns } from './words.ts';

export interface RecordWriterOptions {
  readonly info: RunInfo;
  /** Undefined with `store: false`: records go to the loggers only. */
  readonly store: Pick<MetricStore, 'addRecords' | 'updateRun'> | undefined;
  readonly fanOut: Pick<LoggerFanOut, 'logRecord' | 'logGraph' | 'logHyperparams' | 'logMetrics' | 'supports'>;
  readonly warn: Warner;
  readonly onError: (error: LogError) => void;
  /** Default: nobody but the store and the loggers hears of alerts. */
  readonly onAlert?: ((alert: TrainEvents['alert']) => void) | undefined;
  /** Hears at once of hyperparameters, and of the metrics to compare by, that belong into the run's info; all there are of them. */
  readonly onChange?: ((change: Pick<RunChange, 'config' | 'facts'>) => void) | undefined;
  /** The step, epoch and wall time of what is logged now. */
  readonly moment: () => { readonly step: number; readonly epoch: number; readonly wallTime: number };
  /** Seconds after which even a single record is stored. Default 1; sooner while the run is young. */
  readonly flushSecs?: number | undefined;
  /** Bytes that may wait for the store. Default 64 MiB, a quarter of it on a device with little memory. */
  readonly mostBytes?: number;
  readonly timer?: Timer;
}

/** Where a run keeps the metrics that it is compared by. */
export const hyperparameterMetrics = 'hp.metrics';

/** What else a run can hold. */
const others: ReadonlySet<unknown> = new Set(['scalar', 'hyperparams', 'graph']);

const alertLevels: readonly unknown[] = ['info', 'warn', 'error'];

/**
 * Everything beside numbers that is logged into a run. What the verbs are given is copied, tensors are begun to be read, and all else
 * happens later: made into records, handed to the loggers, stored, in call order. The verbs throw `bad-tag`, `bad-value`, `bad-options`
 * or `closed-run`; what fails later is told by `onError`.
 */
export class RecordWriter implements RecordVerbs {
  readonly #options: RecordWriterOptions;
  readonly #queue: RecordQueue;
  /** All hyperparameters. */
  #config: Config;
  /** The metrics to compare by. */
  #metrics: Metrics;
  #isClosed = false;

  constructor(options: RecordWriterOptions) {
    const { info, store, fanOut, onError, warn, timer, flushSecs = 1, mostBytes = (isSmallDevice() ? 16 : 64) * 2 ** 20 } = options;
    this.#options = options;
    this.#config = info.config;
    const metrics = info.facts?.[hyperparameterMetrics];
    this.#metrics = isPlainObject(metrics) ? (metrics as Metrics) : {}; // written only here
    this.#queue = new RecordQueue({
      runId: info.id,
      store,
      // Graphs have a verb of their own.
      deliver: (record) => record.kind !== 'graph' && fanOut.logRecord(record),
      onError,
      warn,
      flushSecs,
      mostBytes,
      ...(timer === undefined ? {} : { timer }),
    });
  }

  /** Records that are not stored yet. */
  get pending(): number {
    return this.#queue.pending;
  }

  /** True while something waits for a store that may take it yet. */
  get isWaiting(): boolean {
    return this.#queue.isWaiting;
  }

  logText(tag: string, text: string, options?: RecordOptions): void {
    this.#take('text', tag, options, 'logText', (call) => {
      if (typeof text !== 'string') throw badValue(call, `got ${describe(text)}, need a text.`);
      return plain({ text });
    });
  }

  logImage(tag: string, image: ImageSource, options: ImageOptions = {}): void {
    this.#take('image', tag, options, 'logImage', (call, warn) => takeImage(image, options, call, warn));
  }

  logImages(tag: string, images: PixelData | readonly ImageSource[], options: ImageOptions & { readonly columns?: number } = {}): void {
    this.#take('image', tag, options, 'logImages', (call, warn) => takeImages(images, options, call, warn));
  }

  logAudio(tag: string, samples: NumberData, options: AudioOptions = {}): void {
    this.#take('audio', tag, options, 'logAudio', (call, warn) => takeAudio(samples, options.sampleRate ?? 44_100, call, warn));
  }

  logHistogram(tag: string, values: NumberData, options: HistogramOptions = {}): void {
    this.#take('histogram', tag, options, 'logHistogram', (call) => takeHistogram(values, options.bins, call));
  }

  logTable(tag: string, table: TableData | Parameters<RecordVerbs['logTable']>[1], options?: RecordOptions): void {
    this.#take('table', tag, options, 'logTable', (call) => takeTable(table, call));
  }

  logFigure(tag: string, figure: FigureSource, options?: RecordOptions): void {
    this.#take('figure', tag, options, 'logFigure', (call, warn) => takeFigure(figure, call, warn));
  }

  /** A file as it is; its name is that of the `File`, of the options, or the tag. */
  logFile(tag: string, content: Blob | string, options?: RecordOptions & { readonly fileName?: string }): void {
    this.#take('file', tag, options, 'logFile', (call) => {
      const blob = typeof content === 'string' ? new Blob([content], { type: 'text/plain' }) : content;
      if (!(blob instanceof Blob)) throw badValue(call, `got ${describe(content)}, need a Blob, a File or a text.`);
      const fileName = options?.fileName ?? ('name' in blob && typeof blob.name === 'string' ? blob.name : tag);
      const data = { fileName, type: blob.type };
      return { bytes: blob.size, encode: () => Promise.resolve({ data, content: blob }) };
    });
  }

  logHyperparams(params: Readonly<Record<string, unknown>>, metrics?: Metrics): void {
    const call = 'run.logHyperparams()';
    this.#refuseClosed(call);
    const config = toConfig(params, call);
    for (const [name, value] of Object.entries(metrics ?? {})) {
      if (typeof value !== 'number') throw badValue(call, `the metric '${name}' is ${describe(value)}, need a number.`);
    }
    const { store, fanOut, moment, onChange } = this.#options;
    this.#config = { ...this.#config, ...config };
    this.#metrics = { ...this.#metrics, ...metrics };
    const facts = metrics === undefined ? {} : { facts: { [hyperparameterMetrics]: this.#metrics } };
    onChange?.({ config: this.#config, ...facts });
    if (store !== undefined) this.#queue.change({ config, ...facts });
    fanOut.logHyperparams(this.#config, metrics);
    if (metrics !== undefined) fanOut.logMetrics(metrics, moment());
  }

  logGraph(graph: ModelGraph): void {
    this.#take('graph', isPlainObject(graph) ? graph.name : 'graph', undefined, 'logGraph', (call) => {
      const nodes: unknown = isPlainObject(graph) ? graph.nodes : undefined;
      const isNode = (node: unknown): boolean =>
        isPlainObject(node) && typeof node['name'] === 'string' && typeof node['op'] === 'string' && Array.isArray(node['inputs']);
      if (!Array.isArray(nodes) || !nodes.every(isNode)) {
        throw badValue(call, 'need { name, nodes: [{ name, op, inputs: [names of nodes] }] }.');
      }
      const copy = toPlainData(graph, 'graph', call);
      this.#options.fanOut.logGraph(copy as unknown as ModelGraph); // a copy of one
      return plain({ graph: copy });
    });
  }

  event(name: string, data?: unknown): void {
    this.#take('event', name, undefined, 'event', (call) => {
      if (data === undefined) return plain({});
      const copy = toPlainData(data, 'data', call);
      return plain(isPlainObject(data) ? (copy as RecordData) : { value: copy }); // an object gives an object
    });
  }

  alert(title: string, text: string, level: 'info' | 'warn' | 'error' = 'info'): void {
    this.#take('alert', title, undefined, 'alert', (call) => {
      if (typeof text !== 'string') throw badValue(call, `the text is ${describe(text)}, need a text.`);
      if (!alertLevels.includes(level))
        throw new LogError('bad-options', `${call}: level is ${describe(level)}, need info, warn or error.`);
      return plain({ text, level });
    });
    this.#options.onAlert?.({ title, text, level });
  }

  every(n: number, act: () => void): void {
    if (!(Number.isSafeInteger(n) && n > 0)) {
      throw new LogError('bad-options', `run.every(${describe(n)}): need after how many steps: 1, 2, 3, …`);
    }
    if (typeof act !== 'function') {
      throw new LogError('bad-options', `run.every(${n}, ${describe(act)}): need what to do then, e.g. run.every(${n}, () => { … }).`);
    }
    if (this.#options.moment().step % n === 0) act();
  }

  supports(kind: RecordKind | 'scalar' | 'hyperparams' | 'graph'): boolean {
    return (isRecordKind(kind) || others.has(kind)) && (this.#options.store !== undefined || this.#options.fanOut.supports(kind));
  }

  /** Adds facts to the run's record, in the order of the calls. */
  addFacts(facts: NonNullable<RunChange['facts']>): void {
    const { store, onChange } = this.#options;
    onChange?.({ facts });
    if (store !== undefined) this.#queue.change({ facts }, false);
  }

  /** Undefined while there is room, else resolves when there is. A store that refuses holds nobody back. */
  whenRoom(): Promise<void> | undefined {
    return this.#queue.whenRoom();
  }

  /** Resolves when everything logged before is stored, or refused once, or the store does not answer. */
  save(): Promise<void> {
    return this.#queue.save();
  }

  /** Resolves when nothing is left that could be stored. */
  whenSaved(): Promise<void> {
    return this.#queue.whenSaved();
  }

  /** Takes nothing more. What the store refuses is kept for when it has room, and warned about. */
  async finalize(): Promise<void> {
    this.#isClosed = true;
    await this.save();
    const { pending } = this;
    if (pending === 0) return;
    this.#options.warn('unsaved-records', sayOfRuns('unsaved-records', { count: pending, id: this.#options.info.id }));
  }

  #take(
    kind: RecordKind,
    tag: string,
    options: RecordOptions | undefined,
    verb: string,
    take: (call: string, warn: WarnOfMedia) => Taken,
  ): void {
    const call = `run.${verb}('${tag}')`;
    this.#refuseClosed(call);
    if (typeof tag !== 'string' || tag === '') {
      throw new LogError('bad-tag', `run.${verb}(${describe(tag)}): need a name, e.g. 'val/samples'.`);
    }
    const step: unknown = options?.step;
    if (step !== undefined && !Number.isSafeInteger(step)) {
      throw new LogError('bad-options', `${call}: step is ${describe(step)}, need a whole number, or leave it out.`);
    }
    const { warn, moment } = this.#options;
    const taken = take(call, (what, text) => warn(`${what}:${kind}:${tag}`, text));
    if (!this.supports(kind)) {
      warn(`no-place:${kind}`, sayOfRuns('no-place', { call, kind }));
      return;
    }
    const { epoch, wallTime, step: now } = moment();
    this.#queue.push({ kind, tag, step: options?.step ?? now, epoch, wallTime, call, bytes: taken.bytes, encode: () => taken.encode() });
  }

  #refuseClosed(call: string): void {
    if (!this.#isClosed) return;
    throw closedRun(call, this.#options.info.name);
  }
}

function plain(data: RecordData): Taken {
  return { bytes: 2 * JSON.stringify(data).length, encode: () => Promise.resolve({ data }) };
}
