import * as tf from '@tensorflow/tfjs-core';
import type { DeviceState } from '../core/device-ops.ts';

/** float32 holds whole numbers exactly below this. */
export const exactBelow: number = 2 ** 24;

/** Numbers that were added up on the device. */
interface Part {
  readonly tensor: tf.Tensor1D;
  /** No number of it is greater, where they are counts; else how many additions lie behind it, as a power of two. */
  readonly height: number;
}

/** What a state is made of. */
export interface StateParts {
  /** float32; kept, so that the caller's tidy leaves it alone. */
  readonly tensor: tf.Tensor1D;
  /** Samples behind it. */
  readonly samples: number;
  /** Whole numbers, each at most the number of samples. */
  readonly areCounts: boolean;
  /** Length of what `decode` gives. */
  readonly length: number;
  /** Makes the numbers of the state of those of the tensor; may throw for what cannot be counted. */
  readonly decode: (numbers: Float64Array, samples: number) => Float64Array;
}

/** A state on the device: float32 vectors whose sum it is. */
export class TensorState implements DeviceState {
  readonly #kind: StateParts;
  readonly #parts: Part[];
  #samples: number;

  constructor(kind: StateParts) {
    this.#kind = kind;
    this.#parts = [{ tensor: kind.tensor, height: kind.areCounts ? kind.samples : 0 }];
    this.#samples = kind.samples;
  }

  get length(): number {
    return this.#kind.length;
  }

  get tensors(): readonly tf.Tensor1D[] {
    return this.#parts.map(({ tensor }) => tensor);
  }

  /** Takes the parts of another state over. */
  add(other: TensorState): void {
    this.#samples += other.#samples;
    for (const part of other.#parts) {
      this.#parts.push(part);
      this.#mergeLast();
    }
  }

  /** Lets go of the tensors. */
  release(): void {
    for (const { tensor } of this.#parts) tensor.dispose();
  }

  /** The same again, with tensors of its own. */
  copy(): TensorState {
    const twin = new TensorState(this.#kind);
    twin.#samples = this.#samples;
    const parts = this.#parts.map(({ tensor, height }) => ({ tensor: tf.tidy(() => tf.keep(tf.clone(tensor))), height }));
    twin.#parts.splice(0, 1, ...parts);
    return twin;
  }

  /** The numbers, given those of its tensors. */
  decode(parts: readonly ArrayLike<number>[]): Float64Array {
    const sum = new Float64Array(parts[0]?.length ?? 0);
    for (const part of parts) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (part[i] ?? 0);
    return this.#kind.decode(sum, this.#samples);
  }

  /**
   * Counts are added up while float32 holds their sum exactly, and begin a part of their own beyond it. Other sums are added only to
   * sums of as many, two and two, so that rounding does not grow with their number.
   */
  #mergeLast(): void {
    for (;;) {
      const [a, b] = this.#parts.slice(-2);
      if (a === undefined || b === undefined) return;
      const { areCounts } = this.#kind;
      if (areCounts ? a.height + b.height >= exactBelow : a.height !== b.height) return;
      const tensor = tf.tidy(() => tf.keep(tf.add<tf.Tensor1D>(a.tensor, b.tensor)));
      a.tensor.dispose();
      b.tensor.dispose();
      this.#parts.splice(-2, 2, { tensor, height: areCounts ? a.height + b.height : a.height + 1 });
    }
  }
}
