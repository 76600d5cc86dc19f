import type { ScalarChunk } from '../store/metric-store.ts';

/** One point of a chunk. */
export interface ChunkPoint {
  readonly tag: string;
  readonly value: number;
  readonly step: number;
  /** Default 0. */
  readonly epoch?: number;
  /** Seconds since the Unix epoch. Default 1,700,000,000 plus the step. */
  readonly wallTime?: number;
}

/** Makes a chunk of points, in their order. */
export function chunkOf(runId: string, seq: number, points: readonly ChunkPoint[]): ScalarChunk {
  const tags = [...new Set(points.map((point) => point.tag))];
  return {
    runId,
    seq,
    tags,
    tag: Uint16Array.from(points, (point) => tags.indexOf(point.tag)),
    step: Float64Array.from(points, (point) => point.step),
    epoch: Float64Array.from(points, (point) => point.epoch ?? 0),
    wallTime: Float64Array.from(points, (point) => point.wallTime ?? 1_700_000_000 + point.step),
    value: Float64Array.from(points, (point) => point.value),
  };
}

/** The points of a chunk, in their order. */
export function pointsOf(chunk: ScalarChunk): readonly Required<ChunkPoint>[] {
  return Array.from(chunk.tag, (index, row) => ({
    tag: chunk.tags[index] ?? '',
    value: chunk.value[row] as number, // columns have equal lengths, says the contract
    step: chunk.step[row] as number,
    epoch: chunk.epoch[row] as number,
    wallTime: chunk.wallTime[row] as number,
  }));
}
