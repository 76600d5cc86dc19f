/// <reference types="node" />

/** One scalar as it stands in an event file. */
export interface EventScalar {
  readonly tag: string;
  readonly step: number;
  readonly wallTime: number;
  /** float32. */
  readonly value: number;
}

/** Reads the scalars of an event file by the formats' own definitions, with nothing of the library. */
export function readEventScalars(file: Buffer): EventScalar[] {
  const scalars: EventScalar[] = [];
  let at = 0;
  while (at < file.length) {
    const length = Number(file.readBigUInt64LE(at));
    const event = fieldsOf(file.subarray(at + 12, at + 12 + length));
    if (at + 12 + length + 4 > file.length) throw new Error('the event file ends inside a record');
    at += 12 + length + 4;
    const wallTime = event.find((field) => field.number === 1)?.bytes.readDoubleLE(0) ?? 0;
    const step = event.find((field) => field.number === 2)?.varint ?? 0;
    for (const summary of event.filter((field) => field.number === 5)) {
      for (const value of fieldsOf(summary.bytes).filter((field) => field.number === 1)) {
        const parts = fieldsOf(value.bytes);
        const scalar = scalarOf(parts);
        const tag = parts.find((field) => field.number === 1)?.bytes.toString('utf8') ?? '';
        if (scalar !== undefined) scalars.push({ tag, step, wallTime, value: scalar });
      }
    }
  }
  return scalars;
}

/** `Value.simple_value` (2), or a float tensor (8) with one `float_val` (5). */
function scalarOf(value: readonly Field[]): number | undefined {
  const simple = value.find((field) => field.number === 2);
  if (simple !== undefined) return simple.bytes.readFloatLE(0);
  const tensor = value.find((field) => field.number === 8);
  if (tensor === undefined) return undefined;
  const parts = fieldsOf(tensor.bytes);
  if (parts.find((field) => field.number === 1)?.varint !== 1) return undefined;
  const floats = parts.find((field) => field.number === 5)?.bytes;
  return floats?.length === 4 ? floats.readFloatLE(0) : undefined;
}

interface Field {
  readonly number: number;
  readonly varint: number;
  readonly bytes: Buffer;
}

function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) fields.push({ number, varint: varint(), bytes: Buffer.alloc(0) });
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : varint();
      fields.push({ number, varint: 0, bytes: message.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}
