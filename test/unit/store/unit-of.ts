import { buildUnit, type UnitInput } from '../../../src/store/build-unit.ts';
import { packChunk } from '../../../src/store/pack.ts';
import type { JournalRecord, PackRecord, SummaryRecord, UnitRecord } from '../../../src/store/schema.ts';
import { columnsOf, type SamplePoint, tagsOf } from './packing-samples.ts';

/** Points as a chunk of the journal of the run 'run'. */
export function recordOf(seq: number, list: readonly SamplePoint[]): JournalRecord {
  const tags = tagsOf(list);
  const columns = columnsOf(list);
  const indexOf = new Map(tags.map((tag, index) => [tag, index]));
  const bytes = packChunk({ ...columns, tag: columns.tag.map((tag) => indexOf.get(tag) ?? 0) }, tags);
  return { runId: 'run', seq, points: list.length, bytes };
}

/** All that building a unit gives. */
export interface Built {
  readonly unit: UnitRecord;
  readonly summary: SummaryRecord;
  readonly packs: readonly PackRecord[];
  /** How often the caller could have paused without a pack. */
  readonly pauses: number;
}

/** Builds a unit of the run 'run' in one go. */
export function unitOf(records: readonly JournalRecord[], numberOf: UnitInput['numberOf'] = () => undefined): Built {
  const packs: PackRecord[] = [];
  const building = buildUnit({ runId: 'run', unit: records[0]?.seq ?? 0, records, numberOf });
  let pauses = 0;
  for (;;) {
    const step = building.next();
    if (step.done === true) return { ...step.value, packs, pauses };
    if (step.value === undefined) pauses += 1;
    else packs.push(step.value);
  }
}
