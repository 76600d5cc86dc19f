import { ProtobufReader } from '../protobuf.ts';
import { createReadReport, readRecords } from './read-records.ts';
import type { ReadReport } from './read-records.ts';
import { readTensor } from './tensor.ts';
import type { TfTensor } from './tensor.ts';

/** One value of a summary event. */
export interface TfValue {
  readonly tag: string;
  /** The legacy form of a scalar. */
  readonly simpleValue: number | undefined;
  readonly tensor: TfTensor | undefined;
  /** Empty where the value carries no metadata. */
  readonly pluginName: string;
  readonly pluginContent: Uint8Array | undefined;
}

/** One event of a file: what it says depends on what it holds. */
export interface TfEvent {
  /** Seconds since the Unix epoch. */
  readonly wallTime: number;
  /** A bigint beyond the safe integers. */
  readonly step: number | bigint;
  readonly fileVersion: string | undefined;
  /** The library that wrote the file, where it says so. */
  readonly writer: string | undefined;
  readonly values: readonly TfValue[];
}

/** Decodes a record's payload. Throws a `LogError` (`bad-data`) where it is not an event. */
export function decodeEvent(payload: Uint8Array): TfEvent {
  const reader = new ProtobufReader(payload);
  let wallTime = 0;
  let step: number | bigint = 0;
  let fileVersion: string | undefined;
  let writer: string | undefined;
  const values: TfValue[] = [];
  while (reader.next()) {
    if (reader.field === 1) wallTime = reader.double();
    else if (reader.field === 2) step = reader.integer();
    else if (reader.field === 3) fileVersion = reader.text();
    else if (reader.field === 5) readSummary(reader.message(), values);
    else if (reader.field === 10) writer = readPlugin(reader.message()).name;
    else reader.skip();
  }
  return { wallTime, step, fileVersion, writer, values };
}

function readSummary(reader: ProtobufReader, values: TfValue[]): void {
  while (reader.next()) {
    if (reader.field === 1) values.push(readValue(reader.message()));
    else reader.skip();
  }
}

function readValue(reader: ProtobufReader): TfValue {
  let tag = '';
  let simpleValue: number | undefined;
  let tensor: TfTensor | undefined;
  let pluginName = '';
  let pluginContent: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) tag = reader.text();
    else if (reader.field === 2) simpleValue = reader.float();
    else if (reader.field === 8) tensor = readTensor(reader.message());
    else if (reader.field === 9) ({ name: pluginName, content: pluginContent } = readMetadata(reader.message()));
    else reader.skip();
  }
  return { tag, simpleValue, tensor, pluginName, pluginContent };
}

interface Plugin {
  readonly name: string;
  readonly content: Uint8Array | undefined;
}

function readMetadata(reader: ProtobufReader): Plugin {
  let plugin: Plugin = { name: '', content: undefined };
  while (reader.next()) {
    if (reader.field === 1) plugin = readPlugin(reader.message());
    else reader.skip();
  }
  return plugin;
}

function readPlugin(reader: ProtobufReader): Plugin {
  let name = '';
  let content: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) content = reader.bytes();
    else reader.skip();
  }
  return { name, content };
}

/** The number in a value, whichever way it was written; undefined when it holds anything but one number. */
export function scalarOf(value: TfValue): number | undefined {
  if (value.simpleValue !== undefined) return value.simpleValue;
  const { tensor } = value;
  if (tensor === undefined || tensor.numbers.length !== 1) return undefined;
  return tensor.shape.every((size) => size === 1) ? tensor.numbers[0] : undefined;
}

/** The scalars of one tag, in file order. */
export interface TfScalars {
  readonly steps: (number | bigint)[];
  /** Seconds since the Unix epoch. */
  readonly wallTimes: number[];
  readonly values: number[];
}

/** Reads the scalars of an event file by tag. Damaged records are left out and counted in the report. */
export function readScalars(bytes: Uint8Array): { readonly tags: Map<string, TfScalars>; readonly report: ReadReport } {
  const report = createReadReport();
  const tags = new Map<string, TfScalars>();
  const plugins = new Map<string, string>();
  for (const { payload, isIntact } of readRecords(bytes, report)) {
    if (!isIntact) continue;
    const { step, wallTime, values } = decodeEvent(payload);
    for (const value of values) {
      // Only the first value of a tag has to say which kind it is; later metadata does not count.
      if (!plugins.has(value.tag)) plugins.set(value.tag, value.pluginName || (value.simpleValue === undefined ? '' : 'scalars'));
      const number = plugins.get(value.tag) === 'scalars' ? scalarOf(value) : undefined;
      if (number === undefined) continue;
      let scalars = tags.get(value.tag);
      if (scalars === undefined) tags.set(value.tag, (scalars = { steps: [], wallTimes: [], values: [] }));
      scalars.steps.push(step);
      scalars.wallTimes.push(wallTime);
      scalars.values.push(number);
    }
  }
  return { tags, report };
}
