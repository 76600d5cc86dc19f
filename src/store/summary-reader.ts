import { LogError } from '../core/errors.ts';
import { openChunk } from './pack.ts';
import { readPack } from './point-pack.ts';
import { chunksPlace, journalBatches, pointStores, readable, readSnapshot, type RunSnapshot } from './run-snapshot.ts';
import { identityOf } from './run-record.ts';
import type { SummaryRecord } from './schema.ts';
import type { LastValue, TagInfo, TagSummary } from './series-types.ts';
import type { Reading } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';
import { readSummary } from './summary-pack.ts';
import type { RunTags, TagNames } from './tag-names.ts';
import { addCounts, addPoints, addRow, newTally, type Tally } from './tally.ts';
import { readPackOf, readUnits, type StoredUnit } from './unit-reader.ts';

/** What is known of a run up to some chunk. Never changed once made: calls at the same time share it. */
interface Counted {
  /** Tells a run from another that was made under the same id later, and from itself with other points superseded. */
  readonly version: string;
  /** Up to and including this chunk. */
  readonly packedTo: number;
  readonly packed: Tally;
  /** The same with what was in the journal. */
  readonly throughSeq: number;
  readonly all: Tally;
}

/** How many runs are remembered, each for counts alone and for all. */
const mostRuns = 100;

/** Counts the points of each tag and finds the last and the extremes. What was read once is remembered, so that asking again reads only what is new. */
export class SummaryReader {
  readonly #context: StoreContext;
  readonly #names: TagNames;
  readonly #mostTags: number;
  /** By run and by what is right of it: for counts alone there is less to be read. The one that was asked for last comes last. */
  readonly #known = new Map<string, Counted>();

  /** `mostTags`: how many tags of all runs together are remembered beside those of the last run, at 160 bytes each. Default 200,000. */
  constructor(context: StoreContext, names: TagNames, mostTags = 200_000) {
    this.#context = context;
    this.#names = names;
    this.#mostTags = mostTags;
  }

  /** The tags of a run that have points, in the order in which they first appeared; none for a run that is not there. */
  tags(runId: string): Promise<readonly TagInfo[]> {
    return this.#read(runId, true, (tag, { count }, row) => ({ tag, count: count[row] as number }));
  }

  summary(runId: string): Promise<readonly TagSummary[]> {
    return this.#read(runId, false, (tag, tally, row) => ({
      tag,
      count: tally.count[row] as number,
      nanCount: tally.nanCount[row] as number,
      last: lastOf(tag, tally, row),
      min: tally.min[row] as number,
      minStep: tally.minStep[row] as number,
      max: tally.max[row] as number,
      maxStep: tally.maxStep[row] as number,
    }));
  }

  lastValues(runId: string): Promise<readonly LastValue[]> {
    return this.#read(runId, false, lastOf);
  }

  async #read<Row>(runId: string, isCount: boolean, toRow: (tag: string, tally: Tally, row: number) => Row): Promise<readonly Row[]> {
    const found = await this.#context.backend.read(pointStores, async (tx) => {
      const run = await readSnapshot(tx, runId);
      if (run === undefined) return undefined;
      const tags = await this.#names.read(tx, run.record);
      return { tags, tally: await this.#count(tx, run, tags, isCount) };
    });
    if (found === undefined) {
      this.#known.delete(keyOf(runId, isCount));
      return [];
    }
    const { tags, tally } = found;
    const rows: Row[] = [];
    tally.count.forEach((count, number) => {
      const tag = count === 0 ? undefined : tags.nameOf(number);
      if (tag !== undefined) rows.push(toRow(tag, tally, number));
    });
    return rows;
  }

  async #count(tx: Reading, run: RunSnapshot, tags: RunTags, isCount: boolean): Promise<Tally> {
    const { record, compactedTo, lastSeq } = run;
    const version = JSON.stringify([identityOf(record), record.resumes]);
    const key = keyOf(record.id, isCount);
    const before = this.#known.get(key);
    const known = before?.version === version ? before : undefined;
    if (known !== undefined && known.packedTo >= compactedTo && known.throughSeq >= lastSeq) {
      this.#remember(key, known);
      return known.all;
    }
    const isPacked = known?.packedTo === compactedTo;
    let packed = known?.packed ?? newTally(tags.length);
    if (!isPacked) {
      packed = newTally(tags.length, packed);
      await this.#addUnits(tx, run, (known?.packedTo ?? -1) + 1, packed, isCount);
    }
    const all = newTally(tags.length, isPacked ? known.all : packed);
    await this.#addTail(tx, run, (isPacked ? known.throughSeq : compactedTo) + 1, all, tags);
    this.#remember(key, { version, packedTo: compactedTo, packed, throughSeq: lastSeq, all });
    return all;
  }

  #remember(key: string, counted: Counted): void {
    this.#known.delete(key);
    let tags = 0;
    for (const { all } of this.#known.values()) tags += all.count.length;
    for (const [oldest, { all }] of this.#known) {
      if (tags <= this.#mostTags && this.#known.size < mostRuns) break;
      this.#known.delete(oldest);
      tags -= all.count.length;
    }
    this.#known.set(key, counted);
  }

  async #addTail(tx: Reading, run: RunSnapshot, fromSeq: number, tally: Tally, tags: RunTags): Promise<void> {
    for await (const records of journalBatches(tx, this.#context, run, fromSeq)) {
      for (const { seq, bytes } of records) {
        const points = readable(this.#context, chunksPlace(run.record.id, seq), () => {
          const chunk = openChunk(bytes);
          return { tag: chunk.tags(tags.numberOf), ...chunk.columns() };
        });
        if (points !== undefined) addPoints(tally, points, run.cutoffOf(seq));
      }
    }
  }

  async #addUnits(tx: Reading, run: RunSnapshot, fromSeq: number, tally: Tally, isCount: boolean): Promise<void> {
    const units = await readUnits(tx, this.#context, run, fromSeq);
    const { id } = run.record;
    const isEasy = (unit: StoredUnit): boolean => isCount && unit.cutoff === Infinity;
    const summaries = await Promise.all(
      units.map(async (unit) => (isEasy(unit) && unit.counts ? undefined : tx.get('summaries', [id, unit.unit]))),
    );
    for (const [index, unit] of units.entries()) {
      if (isEasy(unit) && unit.tags && unit.counts) addCounts(tally, unit.tags, unit.counts);
      else await this.#addUnit(tx, id, unit, summaries[index], tally);
    }
  }

  async #addUnit(tx: Reading, runId: string, unit: StoredUnit, record: SummaryRecord | undefined, tally: Tally): Promise<void> {
    const { cutoff } = unit;
    const summary = readable(this.#context, `the summary of ${chunksPlace(runId, unit.unit, unit.throughSeq)}`, () => {
      if (record === undefined) throw new LogError('bad-data', 'it cannot be found. It is made anew from the points.');
      return readSummary(record.bytes);
    });
    // Of tags that are superseded in part, and of all where the summary is lost, the points themselves are counted.
    const inPart = new Set<number>();
    if (summary !== undefined) {
      for (let row = 0; row < summary.tag.length; row++) {
        if (cutoff === Infinity || (summary.highStep[row] as number) < cutoff) addRow(tally, summary, row);
        else if (!((summary.lowStep[row] as number) >= cutoff)) inPart.add(summary.tag[row] as number);
      }
      if (inPart.size === 0) return;
    }
    const keys = summary === undefined ? unit.packKeys(0) : [...new Set([...inPart].flatMap((tag) => unit.keysOf(tag, 0)))];
    for (const key of keys) {
      const pack = await readPackOf(this.#context, key, async () => (await tx.get('packs', key))?.bytes, readPack);
      if (pack !== undefined) addPoints(tally, pack, cutoff, summary && inPart);
    }
  }
}

function keyOf(runId: string, isCount: boolean): string {
  return `${isCount ? 'counts' : 'all'} ${runId}`;
}

function lastOf(tag: string, { last, lastStep, lastEpoch, lastWallTime }: Tally, row: number): LastValue {
  return {
    tag,
    value: last[row] as number,
    step: lastStep[row] as number,
    epoch: lastEpoch[row] as number,
    wallTime: lastWallTime[row] as number,
  };
}
