import type { ScalarChunk, Series, SeriesQuery } from '../store/metric-store.ts';
import type { XAxis } from './options.ts';
import { SeriesColumns } from './series-columns.ts';

/**
 * Points read before a stretch so that a moving average started there has forgotten where by the time it is seen: 0.99, the highest weight,
 * to the power of this is 0.00004.
 */
export const leadIn = 1_000;

/** Rows that a stretch is read in at most: of fewer points each comes as it was logged. */
export const rowsKept = 2_000;

/** The part of the x axis that a card shows. */
export interface Stretch {
  readonly axis: XAxis;
  readonly min: number;
  readonly max: number;
}

/** What a detail needs of the feed it belongs to. */
export interface DetailHost {
  readonly tag: string;
  /** Of the run, in seconds since the Unix epoch. */
  readonly startedAt: number;
  read(query: SeriesQuery): Promise<Series>;
  /** There is something else to draw. */
  onRead(): void;
  onError(thrown: unknown): void;
}

interface Ask extends Stretch {
  /** Chunks that came while the stretch was being read; undefined once it has been. */
  held: ScalarChunk[] | undefined;
}

interface Shown {
  readonly columns: SeriesColumns;
  readonly throughSeq: number;
  readonly side: Side;
}

// Below 0 before what was read, above 0 after it.
type Side = (step: number, wallTime: number) => number;

/**
 * A stretch of one tag, read finer than the buckets of its whole. The newest stretch that was asked for wins; until it is there, what was
 * drawn before is drawn.
 */
export class Detail {
  readonly #host: DetailHost;
  #asked: Ask | undefined;
  #shown: Shown | undefined;

  constructor(host: DetailHost) {
    this.#host = host;
  }

  /**
   * What to draw of a stretch: the whole tag with the stretch in it finer. Undefined means to draw `overview`, the whole tag as the feed
   * holds it. Reads when the stretch is another one than before and has buckets. Without a stretch all of it is forgotten.
   */
  show(overview: SeriesColumns, stretch: Stretch | undefined): SeriesColumns | undefined {
    if (!stretch) this.#asked = this.#shown = undefined;
    else if (!isSame(this.#asked, stretch)) void this.#ask(overview, stretch);
    return this.#shown?.columns;
  }

  /** The whole tag was read again: so is the stretch when it is shown next. */
  renew(): void {
    this.#asked = undefined;
  }

  /** Takes points that came to the whole tag. */
  take(chunk: ScalarChunk): void {
    this.#asked?.held?.push(chunk);
    const shown = this.#shown;
    if (!shown) return;
    const isNew = chunk.seq > shown.throughSeq;
    this.#append(chunk, shown.columns, (step, wallTime) => isNew || shown.side(step, wallTime) !== 0);
  }

  async #ask(overview: SeriesColumns, { axis, min, max }: Stretch): Promise<void> {
    const ask: Ask = (this.#asked = { axis, min, max, held: [] });
    const shift = axis === 'relative' ? this.#host.startedAt : 0;
    const start = overview.startBefore(min + shift, axis, leadIn);
    if (start === undefined) {
      ask.held = this.#shown = undefined;
      return;
    }
    const from = start - shift;
    // Some ten points more than are seen, so that the line leaves the plot to where it really goes.
    let query = { axis, from, to: max + (min - from) / 100, maxPoints: leadIn + rowsKept };
    try {
      let series = await this.#host.read(query);
      // The lead-in was estimated. Where it holds far more points than that, it must not cost the stretch its own.
      if (this.#asked === ask && from < min && pointsFrom(series, axis, min + shift) <= rowsKept) {
        query = { axis, from: min, to: max, maxPoints: rowsKept };
        series = await this.#host.read(query);
      }
      if (this.#asked !== ask) return;
      const side: Side = (step, wallTime) => {
        const x = axis === 'step' ? step : wallTime - shift;
        return x < query.from ? -1 : x > query.to ? 1 : 0;
      };
      this.#shown = this.#join(overview, series, side, axis, ask.held ?? []);
    } catch (thrown) {
      if (this.#asked !== ask) return;
      this.#shown = undefined;
      this.#host.onError(thrown);
    }
    ask.held = undefined;
    this.#host.onRead();
  }

  // Around the stretch stays what the whole tag has there: the line runs to both edges, and its smoothing begins where it always does.
  #join(overview: SeriesColumns, series: Series, side: Side, axis: XAxis, held: readonly ScalarChunk[]): Shown {
    const columns = new SeriesColumns();
    // Where x goes back there is no before and after, and the stretch stands alone.
    const { isSorted } = overview.extent(axis);
    if (isSorted) columns.add(overview, (step, wallTime) => side(step, wallTime) < 0);
    columns.add(new SeriesColumns(series), () => true);
    for (const chunk of held) {
      if (chunk.seq > series.throughSeq) this.#append(chunk, columns, (step, wallTime) => side(step, wallTime) === 0);
    }
    if (isSorted) columns.add(overview, (step, wallTime) => side(step, wallTime) > 0);
    return { columns, throughSeq: series.throughSeq, side };
  }

  #append({ tags, tag, step, wallTime, value }: ScalarChunk, to: SeriesColumns, isKept: (step: number, wallTime: number) => boolean): void {
    const own = tags.indexOf(this.#host.tag);
    for (let row = 0; row < tag.length; row++) {
      const at = [step[row] ?? NaN, wallTime[row] ?? NaN] as const;
      if (tag[row] === own && isKept(...at)) to.append(...at, value[row] ?? NaN);
    }
  }
}

function isSame(a: Stretch | undefined, b: Stretch): boolean {
  return a !== undefined && a.axis === b.axis && a.min === b.min && a.max === b.max;
}

// Points of the buckets that reach to `from` or beyond. Infinity when they are not merged: nothing could be finer.
function pointsFrom(series: Series, axis: XAxis, from: number): number {
  if (series.kind === 'points') return Infinity;
  const ends = axis === 'step' ? series.lastStep : series.lastWallTime;
  return series.count.reduce((sum, count, row) => ((ends[row] ?? NaN) >= from ? sum + count : sum), 0);
}
