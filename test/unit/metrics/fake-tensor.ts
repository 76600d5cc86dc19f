import type { ShapedTensor } from '../../../src/metrics/index.ts';

/** A tensor whose read settles when the test says so, and which counts its copies that are still alive. */
export class FakeTensor implements ShapedTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly size: number;
  isDisposed: boolean = false;
  kept: boolean = false;
  readonly copies: FakeTensor[] = [];
  readonly until: Promise<void>;

  constructor(values: readonly number[], until: Promise<void> = Promise.resolve(), shape: readonly number[] = [values.length]) {
    this.values = values;
    this.shape = shape;
    this.size = values.length;
    this.until = until;
  }

  async data(): Promise<Float32Array> {
    await this.until;
    if (this.isDisposed) throw new Error('read after dispose');
    return Float32Array.from(this.values);
  }

  clone(): FakeTensor {
    const copy = new FakeTensor(this.values, this.until, this.shape);
    this.copies.push(copy);
    return copy;
  }

  dispose(): void {
    this.isDisposed = true;
  }
}
