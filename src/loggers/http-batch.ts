import type { Metrics, ModelGraph, Moment } from '../core/logger.ts';
import type { NewRecord } from '../core/records.ts';
import type { Config, EndStatus, RunInfo } from '../core/run-info.ts';
import type { QueuedBatch } from '../store/outbox.ts';

// The wire format, version 1; docs/recipes/receiver.md describes it. Items stand in lines of their own, so that a batch can be cut
// without being read.

/** The version of the format, in each batch. */
export const wireVersion = 1;

/** One row. */
export function rowItem(metrics: Metrics, { step, epoch, wallTime, stage, rhythm, isWithoutEpoch }: Moment): string {
  let values = '';
  for (const tag in metrics) {
    if (Object.hasOwn(metrics, tag)) values += `${values === '' ? '' : ','}${JSON.stringify(tag)}:${numberText(metrics[tag]!)}`;
  }
  const more = `${stage === undefined ? '' : `,"stage":"${stage}"`}${rhythm === undefined ? '' : `,"rhythm":"${rhythm}"`}`;
  // Without an epoch: left empty, as in the tables of other loggers.
  return `{"type":"metrics","step":${numberText(step)},"epoch":${isWithoutEpoch === true ? 'null' : numberText(epoch)},"wallTime":${numberText(wallTime)}${more},"metrics":{${values}}}`;
}

/** What is known of a run at its start. Nothing of the browser or the device is in it. */
export function startItem({ id, project, name, startedAt, config, tags, notes, parent, resumes }: RunInfo): string {
  return json({ type: 'start', run: { id, project, name, startedAt, config, tags, notes, parent, resumes: resumes?.length ?? 0 } });
}

/** Hyperparameters, and the metrics to compare runs by. */
export function hyperparamsItem(params: Config, metrics: Metrics | undefined): string {
  return json({ type: 'hyperparams', params, metrics });
}

export function graphItem(graph: ModelGraph): string {
  return json({ type: 'graph', graph });
}

export function endItem(status: EndStatus, wallTime: number): string {
  return json({ type: 'end', status, wallTime });
}

/** A record with its content. Reads the content, hence the promise. */
export async function recordItem(record: NewRecord): Promise<string> {
  const { kind, tag, step, epoch, wallTime, data = {}, content } = record;
  const body = content && { type: content.type, base64: await toBase64(content) };
  return json({ type: 'record', kind, tag, step, epoch, wallTime, data, content: body });
}

/** Who sends. */
export interface Sender {
  readonly url: string;
  readonly run: Pick<RunInfo, 'id' | 'project' | 'name'>;
  /** Random: the same run may be continued elsewhere. */
  readonly sender: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

/** Makes a batch of items; `count` numbers those of a sender. */
export function makeBatch({ url, run, sender, since }: Sender, count: number, items: readonly string[], at: number): QueuedBatch {
  // Padded, so that ids sort as the batches were made.
  const id = `${run.id}:${sender}:${String(count).padStart(8, '0')}`;
  const { project, name } = run;
  const head = JSON.stringify({ format: 'tabtrain-log', version: wireVersion, batch: id, run: { id: run.id, project, name } });
  const body = `${head.slice(0, -1)},"items":[\n${items.join(',\n')}\n]}`;
  return { url, since, sender, id, at, items: items.length, size: body.length, body };
}

/** Two halves of a batch that is too large for its receiver, with ids of their own; undefined when it holds one item only. */
export function splitBatch(batch: QueuedBatch): readonly [QueuedBatch, QueuedBatch] | undefined {
  const [head = '', ...lines] = batch.body.split('\n');
  lines.pop();
  if (lines.length < 2) return undefined;
  const half = Math.ceil(lines.length / 2);
  const part = (letter: string, own: readonly string[]): QueuedBatch => {
    const id = `${batch.id}${letter}`;
    const text = own.join('\n').replace(/,$/, '');
    const body = `${head.replace(`"batch":${JSON.stringify(batch.id)}`, () => `"batch":${JSON.stringify(id)}`)}\n${text}\n]}`;
    return { ...batch, id, items: own.length, size: body.length, body };
  };
  return [part('a', lines.slice(0, half)), part('b', lines.slice(half))];
}

/** JSON has no such numbers; as texts, `Number` of JavaScript and `float` of Python read them. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0.0' : String(value);
  return `"${value}"`;
}

/** As `JSON.stringify`, with typed arrays as arrays and the numbers that JSON lacks as texts. */
function json(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  if (ArrayBuffer.isView(value)) return json(Array.from(value as unknown as ArrayLike<number>)); // records hold arrays of numbers only
  if (Array.isArray(value)) return `[${value.map((one) => json(one ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const parts = Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [`${JSON.stringify(key)}:${json(one)}`]));
  return `{${parts.join(',')}}`;
}

/** Bytes that become whole groups of four letters, and few enough to be arguments of one call. */
const sliceBytes = 3 * 8192;

async function toBase64(content: Blob): Promise<string> {
  const bytes = new Uint8Array(await content.arrayBuffer());
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += sliceBytes) parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + sliceBytes))));
  return parts.join('');
}
