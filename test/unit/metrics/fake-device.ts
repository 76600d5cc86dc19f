import type { DeviceOps, DeviceState } from '../../../src/core/device-ops.ts';

/** A tensor that only the fake device can read. */
export interface OnFakeDevice {
  readonly onDevice: readonly number[];
}

export const onDevice = (...values: number[]): OnFakeDevice => ({ onDevice: values });

interface FakeState extends DeviceState {
  readonly sums: number[];
  isReleased: boolean;
}

/** Adds error sums on arrays; counts the reads, and knows which states are still held. */
export class FakeDevice implements DeviceOps<OnFakeDevice> {
  readonly name: string = 'fake';
  reads: number = 0;
  failure: Error | undefined;
  readonly states: Set<DeviceState> = new Set();

  owns(value: unknown): value is OnFakeDevice {
    return typeof value === 'object' && value !== null && 'onDevice' in value;
  }

  shapeOf(value: OnFakeDevice): readonly number[] {
    return [value.onDevice.length];
  }

  confusion(): undefined {
    return undefined;
  }

  statScores(): undefined {
    return undefined;
  }

  binnedCounts(): undefined {
    return undefined;
  }

  errorSums(preds: OnFakeDevice, target: OnFakeDevice): DeviceState {
    const errors = preds.onDevice.map((value, i) => value - target.onDevice[i]!);
    const sum = (of: (error: number) => number): number => errors.reduce((total, error) => total + of(error), 0);
    return this.#make([errors.length, sum((error) => error * error), sum(Math.abs)]);
  }

  keep(value: OnFakeDevice): DeviceState {
    return this.#make([...value.onDevice]);
  }

  add(a: DeviceState, b: DeviceState): DeviceState {
    const [x, y] = [this.#take(a), this.#take(b)];
    this.release(a);
    this.release(b);
    return this.#make(x.sums.map((sum, i) => sum + y.sums[i]!));
  }

  copy(state: DeviceState): DeviceState {
    return this.#make([...this.#take(state).sums]);
  }

  async read(states: readonly DeviceState[]): Promise<Float64Array[]> {
    this.reads += 1;
    const sums = states.map((state) => Float64Array.from(this.#take(state).sums));
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    return sums;
  }

  release(state: DeviceState): void {
    this.#take(state).isReleased = true;
    this.states.delete(state);
  }

  #make(sums: number[]): FakeState {
    const state = { length: sums.length, sums, isReleased: false };
    this.states.add(state);
    return state;
  }

  #take(state: DeviceState): FakeState {
    const own = state as FakeState; // states are made here
    if (own.isReleased) throw new Error('a state was used after its release');
    return own;
  }
}
