import type { ScalarChunk } from '../../../src/store/metric-store.ts';

/** A point as the model keeps it. */
export interface ModelPoint {
  readonly tag: string;
  readonly step: number;
  readonly epoch: number;
  readonly wallTime: number;
  readonly value: number;
}

interface ModelResume {
  readonly fromSeq: number;
  readonly fromStep: number | undefined;
  isBroughtBack: boolean;
}

/** A run as anyone would keep it who had no cares: a list of chunks, and what superseded what. */
export class ModelRun {
  chunks: (readonly ModelPoint[])[] = [];
  resumes: ModelResume[] = [];
  isDeleted = false;

  /** The points a reader may see from a chunk on, each with its chunk. */
  visible(fromSeq = 0): readonly (ModelPoint & { readonly seq: number })[] {
    if (this.isDeleted) return [];
    return this.chunks.flatMap((points, seq) =>
      seq < fromSeq ? [] : points.filter((point) => !this.#isSuperseded(seq, point.step)).map((point) => ({ ...point, seq })),
    );
  }

  /** Tags with visible points, in the order in which they first appeared at all. */
  tags(): readonly string[] {
    const all = new Set(this.chunks.flat().map((point) => point.tag));
    const seen = new Set(this.visible().map((point) => point.tag));
    return [...all].filter((tag) => seen.has(tag));
  }

  #isSuperseded(seq: number, step: number): boolean {
    return this.resumes.some(
      (resume) => !resume.isBroughtBack && resume.fromStep !== undefined && seq < resume.fromSeq && step >= resume.fromStep,
    );
  }
}

/** A chunk as a program would append it. */
export function toChunk(runId: string, seq: number, points: readonly ModelPoint[]): ScalarChunk {
  const tags = [...new Set(points.map((point) => point.tag))];
  const column = (name: 'step' | 'epoch' | 'wallTime' | 'value'): Float64Array => Float64Array.from(points, (point) => point[name]);
  return {
    runId,
    seq,
    tags,
    tag: Uint16Array.from(points, (point) => tags.indexOf(point.tag)),
    step: column('step'),
    epoch: column('epoch'),
    wallTime: column('wallTime'),
    value: column('value'),
  };
}

/** The points of a chunk, one by one. */
export function toPoints(chunk: ScalarChunk): readonly ModelPoint[] {
  return Array.from(chunk.tag, (tag, row) => ({
    tag: chunk.tags[tag] ?? '?',
    step: chunk.step[row] ?? NaN,
    epoch: chunk.epoch[row] ?? NaN,
    wallTime: chunk.wallTime[row] ?? NaN,
    value: chunk.value[row] ?? NaN,
  }));
}

/** Points by tag, each tag in the order given. */
export function byTag(points: readonly ModelPoint[]): Readonly<Record<string, readonly ModelPoint[]>> {
  const tags: Record<string, ModelPoint[]> = {};
  for (const { tag, step, epoch, wallTime, value } of points) (tags[tag] ??= []).push({ tag, step, epoch, wallTime, value });
  return tags;
}
