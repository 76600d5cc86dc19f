import type { NewRun, MetricStore, ScalarChunk } from '../../../src/store/metric-store.ts';
import type { RunInfo } from '../../../src/core/run-info.ts';
import type { ExportFile } from '../../../src/export/index.ts';

/** One point as a test writes it down. */
export interface Point {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
  readonly epoch?: number;
  readonly wallTime?: number;
}

export const startedAt = 1_700_000_000;

/** Makes a run and appends its points in chunks of `chunkSize`. The wall time is a second a point unless given. */
export async function addRun(store: MetricStore, points: readonly Point[], run: Partial<NewRun> = {}, chunkSize = 100): Promise<RunInfo> {
  const info = await store.createRun({ project: 'demo', startedAt, ...run });
  for (let from = 0, seq = 0; from < points.length; from += chunkSize, seq++) {
    await store.append(chunkOf(info.id, seq, points.slice(from, from + chunkSize), from));
  }
  return info;
}

/** Appends points to a run that goes on, as one chunk. The wall time is `after` seconds behind the start and up. */
export async function addPoints(store: MetricStore, run: RunInfo, seq: number, points: readonly Point[], after = 1000): Promise<void> {
  await store.append(chunkOf(run.id, seq, points, after));
}

function chunkOf(runId: string, seq: number, points: readonly Point[], from: number): ScalarChunk {
  const tags = [...new Set(points.map((point) => point.tag))];
  return {
    runId,
    seq,
    tags,
    tag: Uint16Array.from(points, (point) => tags.indexOf(point.tag)),
    step: Float64Array.from(points, (point) => point.step),
    epoch: Float64Array.from(points, (point) => point.epoch ?? 0),
    wallTime: Float64Array.from(points, (point, i) => point.wallTime ?? startedAt + from + i),
    value: Float64Array.from(points, (point) => point.value),
  };
}

/** All files of an export with their whole content. */
export async function collect(files: AsyncIterable<ExportFile>): Promise<{ path: string; bytes: Uint8Array }[]> {
  const found: { path: string; bytes: Uint8Array }[] = [];
  for await (const { path, bytes } of files) found.push({ path, bytes: await joined(bytes) });
  return found;
}

/** Pieces put together. */
export async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  const whole = new Uint8Array(all.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of all) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
