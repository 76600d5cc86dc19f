import { readRecords } from '../../../src/formats/tfevents/read-records.ts';
import { decodeEvent, scalarOf, type TfEvent } from '../../../src/formats/tfevents/read.ts';
import type { LogFolder } from '../../../src/loggers/index.ts';
import { folderFiles } from '../../../src/loggers/index.ts';
import { joined } from '../export/sample-runs.ts';

/** The event files of a folder as TensorBoard reads them: in the order of their names. */
export async function eventFiles(folder: LogFolder, path = ''): Promise<{ name: string; events: TfEvent[] }[]> {
  const files: { name: string; events: TfEvent[] }[] = [];
  for await (const { path: name, bytes } of folderFiles(folder, path)) {
    if (!name.includes('tfevents')) continue;
    files.push({ name, events: eventsOf(await joined(bytes)) });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The events of one file, which has to be whole. */
export function eventsOf(bytes: Uint8Array): TfEvent[] {
  const report = { records: 0, damagedRecords: 0, truncatedAt: undefined, brokenAt: undefined };
  const events = [...readRecords(bytes, report)].map(({ payload }) => decodeEvent(payload));
  if (report.damagedRecords > 0 || report.truncatedAt !== undefined || report.brokenAt !== undefined)
    throw new Error(JSON.stringify(report));
  return events;
}

/** Scalars as `tag step wall-time value`, by tag in file order. */
export function scalars(events: readonly TfEvent[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { step, wallTime, values } of events) {
    for (const value of values) {
      const number = scalarOf(value);
      if (number === undefined) continue;
      const line = `${step} ${wallTime} ${Object.is(number, -0) ? '-0' : number}`;
      const lines = found.get(value.tag);
      if (lines === undefined) found.set(value.tag, [line]);
      else lines.push(line);
    }
  }
  return found;
}
