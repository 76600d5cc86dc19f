import type { ByteWriter } from '../../core/byte-writer.ts';
import { encodeMessage, writeBytesField, writeDoubleField, writeMessageField, writeStringField, writeVarintField } from '../protobuf.ts';
import { writeRecord } from './record.ts';

/** When an event happened. */
export interface EventMoment {
  /** Seconds since the Unix epoch; finite. */
  readonly wallTime: number;
  /** A safe integer. */
  readonly step: number;
}

/** A value of a summary that is not a plain scalar. */
export interface SummaryValue {
  readonly tag: string;
  /** Which dashboard shows it: `hparams`, `custom_scalars`, … */
  readonly pluginName: string;
  /** That plugin's own message. Default: empty. */
  readonly pluginContent?: Uint8Array;
  /** A serialized TensorProto. Default: none. */
  readonly tensor?: Uint8Array;
}

/** The first record of every file. `wallTime` is the run's start: TensorBoard orders and colours runs by it. */
export function writeFileVersion(writer: ByteWriter, wallTime: number, source?: string): void {
  const payload = encodeMessage((event) => {
    writeDoubleField(event, 1, wallTime);
    writeStringField(event, 3, 'brain.Event:2');
    if (source !== undefined) writeMessageField(event, 10, (metadata) => writeStringField(metadata, 1, source));
  });
  writeRecord(writer, payload);
}

/** The later of two wall times; one that is not finite does not count. */
export function notBefore(latest: number, wallTime: number): number {
  return wallTime > latest && wallTime < Infinity ? wallTime : latest;
}

/** Writes an event with one value. */
export function writeSummaryValue(writer: ByteWriter, at: EventMoment, value: SummaryValue): void {
  const payload = encodeMessage((event) => {
    writeDoubleField(event, 1, at.wallTime);
    if (at.step !== 0) writeVarintField(event, 2, at.step);
    writeMessageField(event, 5, (summary) => writeMessageField(summary, 1, (part) => writeValue(part, value)));
  });
  writeRecord(writer, payload);
}

function writeValue(writer: ByteWriter, value: SummaryValue): void {
  const { tag, pluginName, pluginContent, tensor } = value;
  writeStringField(writer, 1, tag);
  if (tensor !== undefined) writeBytesField(writer, 8, tensor);
  writeMessageField(writer, 9, (metadata) =>
    writeMessageField(metadata, 1, (plugin) => {
      writeStringField(plugin, 1, pluginName);
      if (pluginContent !== undefined) writeBytesField(plugin, 2, pluginContent);
    }),
  );
}

/** A rank-0 string tensor (dtype 7, explicit empty shape) as a serialized TensorProto. */
export function encodeStringTensor(content: Uint8Array): Uint8Array {
  return encodeMessage((tensor) => {
    writeVarintField(tensor, 1, 7);
    writeMessageField(tensor, 2, () => {});
    writeBytesField(tensor, 8, content);
  });
}
