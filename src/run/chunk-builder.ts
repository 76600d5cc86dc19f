import type { Metrics, Moment } from '../core/logger.ts';
import type { ScalarChunk } from '../store/metric-store.ts';

/** The columns of a chunk that has no place in the sequence yet. */
export type Columns = Omit<ScalarChunk, 'runId' | 'seq'>;

/** Gathers rows into columns: the one place where rows become columns. */
export class ChunkBuilder {
  #tagIndex = new Map<string, number>();
  #count = 0;
  #tag = new Uint32Array(256);
  #step = new Float64Array(256);
  #epoch = new Float64Array(256);
  #wallTime = new Float64Array(256);
  #value = new Float64Array(256);

  /** Points gathered. */
  get count(): number {
    return this.#count;
  }

  add(metrics: Metrics, at: Moment): void {
    for (const name in metrics) {
      const i = this.#count;
      if (i === this.#tag.length) this.#grow();
      let tag = this.#tagIndex.get(name);
      if (tag === undefined) {
        tag = this.#tagIndex.size;
        this.#tagIndex.set(name, tag);
      }
      this.#tag[i] = tag;
      this.#step[i] = at.step;
      this.#epoch[i] = at.epoch;
      this.#wallTime[i] = at.wallTime;
      this.#value[i] = metrics[name] as number; // the key comes from this very object
      this.#count = i + 1;
    }
  }

  /** A copy of what was gathered. */
  columns(): Columns {
    const n = this.#count;
    const tags = [...this.#tagIndex.keys()];
    return {
      tags,
      tag: tags.length > 0xffff ? this.#tag.slice(0, n) : Uint16Array.from(this.#tag.subarray(0, n)),
      step: this.#step.slice(0, n),
      epoch: this.#epoch.slice(0, n),
      wallTime: this.#wallTime.slice(0, n),
      value: this.#value.slice(0, n),
    };
  }

  /** Gives back all that was gathered and starts afresh. */
  take(): Columns {
    const columns = this.columns();
    this.#tagIndex = new Map();
    this.#count = 0;
    return columns;
  }

  #grow(): void {
    const size = this.#tag.length * 2;
    this.#tag = grown(new Uint32Array(size), this.#tag);
    this.#step = grown(new Float64Array(size), this.#step);
    this.#epoch = grown(new Float64Array(size), this.#epoch);
    this.#wallTime = grown(new Float64Array(size), this.#wallTime);
    this.#value = grown(new Float64Array(size), this.#value);
  }
}

function grown<Column extends Uint32Array | Float64Array>(wide: Column, narrow: Column): Column {
  wide.set(narrow);
  return wide;
}
