import type { NewRecord } from '../core/records.ts';
import type { Config, RunInfo } from '../core/run-info.ts';
import { createBreather } from '../core/yield-to-page.ts';
import type { BlockColumns } from '../formats/archive/point-block.ts';
import type { MetricStore, ScalarChunk } from '../store/metric-store.ts';
import type { CheckedRun } from './check-archive.ts';
import { type Block, readBlocks } from './read-points.ts';
import { type ArchivedContent, type ArchivedRecord, readRecords } from './read-records.ts';

/** As whom a run is stored. */
export interface RunIdentity {
  readonly id: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly source: string | undefined;
}

// So few that packing and writing them takes some milliseconds.
const pointsAtOnce = 16_384;
const recordsAtOnce = 64;
const contentBytesAtOnce = 8 * 2 ** 20;

/**
 * Writes one run into a store. Until all of it is in, its record says so (`import.incomplete`), and its lock is held, so that a run of a
 * page that was closed meanwhile can be told from one that is being imported. When anything fails the run is deleted.
 */
export async function storeRun(store: MetricStore, run: CheckedRun, as: RunIdentity, onBytes: (bytes: number) => void): Promise<RunInfo> {
  const { about } = run;
  const { id, name, parent, source } = as;
  const lock = await store.lockRun(id);
  let isMade = false;
  try {
    const { source: ownSource, parent: _parent, ...made } = about.made;
    const facts: Config = {
      ...made.facts,
      'import.run': about.id,
      'import.incomplete': true,
      ...(source === undefined || ownSource === undefined ? {} : { 'import.source': ownSource }),
    };
    const from = source ?? ownSource;
    const where = { ...(parent === undefined ? {} : { parent }), ...(from === undefined ? {} : { source: from }) };
    await store.createRun({ ...made, ...where, id, project: about.project, name, facts });
    isMade = true;
    await storeContent(store, run, id, onBytes);
    for (const { generation, isBroughtBack } of about.resumes) if (isBroughtBack === true) await store.bringBack(id, generation);
    return await store.updateRun(id, { ...about.end, facts: { 'import.incomplete': false } });
  } catch (thrown) {
    // The first error is the one to tell; what stays says that it is incomplete, and goes with the next import.
    if (isMade) await store.deleteRun(id).catch(() => undefined);
    throw thrown;
  } finally {
    lock.release();
  }
}

async function storeContent(store: MetricStore, run: CheckedRun, id: string, onBytes: (bytes: number) => void): Promise<void> {
  const { resumes } = run.about;
  const [pointsFile, recordsFile] = [await run.pointsFile(), await run.recordsFile()];
  const blocks = readBlocks(pointsFile);
  const records = readRecords(recordsFile);
  const bytesAPoint = pointsFile.size / Math.max(1, run.about.points);
  const breathe = createBreather();
  let block = await blocks.next();
  let record = await records.next();
  let seq = 0;
  for (let generation = 0; generation <= resumes.length; generation++) {
    const resume = resumes[generation - 1];
    if (resume !== undefined) {
      const { at, fromStep } = resume;
      seq = (await store.resumeRun(id, { at, ...(fromStep === undefined ? {} : { fromStep }) })).nextSeq;
      await breathe();
    }
    for (; !block.done && block.value.generation === generation; block = await blocks.next()) {
      for (const chunk of chunksOf(block.value, run.about.tagNames, id, seq)) {
        await store.append(chunk);
        seq = chunk.seq + 1;
        onBytes(chunk.value.length * bytesAPoint);
        await breathe();
      }
    }
    let batch: NewRecord[] = [];
    let bytes = 0;
    for (; !record.done && record.value.generation === generation; record = await records.next()) {
      const next = await toNewRecord(record.value, run);
      batch.push(next);
      bytes += next.content?.size ?? 0;
      if (batch.length < recordsAtOnce && bytes < contentBytesAtOnce) continue;
      await store.addRecords(id, batch);
      batch = [];
      bytes = 0;
      await breathe();
    }
    await store.addRecords(id, batch);
  }
  onBytes(recordsFile.size);
}

async function toNewRecord({ record, content }: ArchivedRecord, run: CheckedRun): Promise<NewRecord> {
  return content === undefined ? record : { ...record, content: await toBlob(content, run) };
}

async function toBlob({ type, size, sha256, bytes }: ArchivedContent, run: CheckedRun): Promise<Blob> {
  return bytes === undefined ? (await run.content(sha256)).slice(0, size, type) : new Blob([bytes], { type });
}

function* chunksOf(
  { columns }: Block,
  tagNames: readonly string[],
  runId: string,
  firstSeq: number,
): Generator<ScalarChunk, void, undefined> {
  let seq = firstSeq;
  for (let from = 0; from < columns.tag.length; from += pointsAtOnce) {
    const cut = <Column extends Uint32Array | Float64Array>(column: Column): Column => column.slice(from, from + pointsAtOnce) as Column;
    const { step, epoch, wallTime, value } = columns;
    const points = { step: cut(step), epoch: cut(epoch), wallTime: cut(wallTime), value: cut(value) };
    yield { runId, seq, ...named(cut(columns.tag), tagNames, seq === 0), ...points };
    seq += 1;
  }
}

// The first chunk names all tags, which gives them the numbers that they had: tags are listed by these.
function named(tag: BlockColumns['tag'], tagNames: readonly string[], areAllNamed: boolean): Pick<ScalarChunk, 'tags' | 'tag'> {
  if (areAllNamed) return { tags: tagNames, tag };
  const used = [...new Set(tag)].sort((a, b) => a - b);
  const places = new Map(used.map((number, place) => [number, place]));
  return { tags: used.map((number) => tagNames[number]!), tag: tag.map((number) => places.get(number)!) };
}
