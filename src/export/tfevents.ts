import { ByteWriter } from '../core/byte-writer.ts';
import type { RunInfo } from '../core/run-info.ts';
import { childFact } from '../core/run-name.ts';
import { notBefore, writeFileVersion, writeSummaryValue } from '../formats/tfevents/event.ts';
import { sessionEnd, sessionStart } from '../formats/tfevents/hparams.ts';
import { layoutOf } from '../formats/tfevents/layout.ts';
import { createScalarEncoder } from '../formats/tfevents/scalar-encoder.ts';
import { createTagNames } from '../formats/tfevents/tags.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { isEventFileOf } from './earlier-export.ts';
import type { ExportFile } from './export-file.ts';
import { findRuns } from './find-runs.ts';
import { orderPoints } from './order-points.ts';
import { createPointWriter } from './point-writer.ts';
import { scanRun } from './scan-run.ts';
import { createBreather } from '../core/yield-to-page.ts';

/** Settings of {@link tfevents}; all are optional. */
export interface TfeventsOptions {
  /**
   * Folders that go in front of each path, for merging the exports of many people: `class-7/anna`. Default: none.
   */
  readonly prefix?: string;
  /** Write scalars in the form of TensorFlow 1, for tools that read nothing else. Default false. */
  readonly legacyScalars?: boolean;
  /** Bring the panel's cards to TensorBoard's custom scalars tab. Default true. */
  readonly layout?: boolean;
}

const pieceBytes = 256 * 1024;

/**
 * Exports each run as a folder that TensorBoard opens: `<project>/<run name>/events.out.tfevents.…`, a run within another one as a
 * folder in that of the other.
 *
 * Values are rounded to float32, as TensorBoard keeps them; NaN and infinities stay. Within a tag steps rise strictly: of
 * several values at one step the last logged one is written. Wall times never fall within a file. Memory stays flat,
 * whatever the length of the run; only tags whose steps go back are held (some 100 bytes a point) and sorted.
 *
 * A step that is no safe integer cannot be written: those points are left out with one warning a tag, the rest is complete.
 *
 * Hyperparameters appear in TensorBoard's HPARAMS tab, unless a step is beyond 32 bits, which that tab cannot hold.
 *
 * ```ts
 * saveButton.onclick = () => download(tfevents(store, [run.id]), 'my-runs.zip');
 * ```
 */
export async function* tfevents(
  store: MetricStore,
  runIds: readonly string[],
  options: TfeventsOptions = {},
): AsyncGenerator<ExportFile, void, undefined> {
  for (const { run, folder } of await findRuns(store, runIds, options.prefix, 'tfevents')) {
    // TensorBoard reads the files of a folder in the order of their names and needs `tfevents` in them; nothing else counts.
    const seconds = String(Math.max(0, Math.floor(run.startedAt))).padStart(10, '0');
    yield {
      path: `${folder}/events.out.tfevents.${seconds}.browser.0.v2`,
      bytes: { [Symbol.asyncIterator]: () => encodeRun(store, run.id, options) },
      folder,
      isEarlier: (there) => isEventFileOf(there, writerOf(run)),
    };
  }
}

// With the id a later export knows its file again: its beginning changes with the tags that appear.
function writerOf(run: RunInfo): string {
  return `tabtrain run ${run.id}`;
}

async function* encodeRun(store: MetricStore, runId: string, options: TfeventsOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const breathe = createBreather();
  const scan = await scanRun(store, runId);
  // Read again: the run may have gone on, or ended, since the files were listed.
  const { run } = scan;
  const late = scan.unordered.size > 0 ? await orderPoints(scan) : undefined;
  const names = scan.tags.map(createTagNames());
  const scalars = createScalarEncoder(options);
  for (const name of names) scalars.tagNumber(name); // numbers of the encoder = numbers of the scan: names are unique

  const writer = new ByteWriter(pieceBytes + 4096);
  // TensorBoard orders and colours runs by the wall time of their first event.
  const startedAt = Math.min(run.startedAt, scan.firstWallTime);
  // TensorBoard 2.21 answers the whole HPARAMS tab with an error when one session has a step beyond 32 bits.
  // A nested run without hyperparameters of its own belongs to the session of its parent.
  const isOwn = run.facts?.[childFact] === undefined || Object.keys(run.config).length > 0;
  const isSession = isOwn && !(scan.largestStep > 0x7fff_ffff || scan.smallestStep < -0x8000_0000);
  writeFileVersion(writer, startedAt, writerOf(run));
  if (options.layout !== false && names.length > 0) writeSummaryValue(writer, { wallTime: startedAt, step: 0 }, layoutOf(names));
  if (isSession) writeSummaryValue(writer, { wallTime: startedAt, step: 0 }, sessionStart(run.config, run.startedAt));

  const points = createPointWriter(scan, late, writer, scalars, pieceBytes, startedAt);
  for await (const next of scan.points()) {
    for (let i = 0; i < next.tag.length;) {
      i = points.writeFrom(next, i);
      if (writer.length >= pieceBytes) yield writer.take();
      await breathe();
    }
  }
  while (!points.writeRest()) {
    yield writer.take();
    await breathe();
  }
  if (isSession && (run.status === 'finished' || run.status === 'stopped' || run.status === 'failed')) {
    const wallTime = notBefore(points.latest, run.endedAt ?? points.latest);
    writeSummaryValue(writer, { wallTime, step: 0 }, sessionEnd(run.status, run.endedAt ?? wallTime));
  }
  yield writer.take();
}
