import type { DeviceOps, DeviceState } from '../core/device-ops.ts';
import { copyStates, type MetricStates } from './metric-states.ts';

/** Sums that lie on a device, with the operations that can read them. */
export interface OnDevice {
  readonly ops: DeviceOps;
  readonly state: DeviceState;
}

/**
 * What a metric has gathered since its last reset. Work that must wait for a tensor, and all work after it, is done in the order of
 * the calls; without tensors everything is done at once.
 */
export class Accumulator {
  states: MetricStates;
  /** Updates, counted when they are called. */
  updateCount: number = 0;
  /** Grows with every change. */
  version: number = 0;
  onDevice: OnDevice | undefined;
  /** Metrics that hold this one; more than one only within {@link Accumulator.sharedIn}. */
  holders: number = 1;
  sharedIn: object | undefined;
  /** The first error of a batch that nobody has been told of; the next `compute` throws it. */
  failure: unknown;
  #pending: Promise<void> | undefined;

  constructor(states: MetricStates) {
    this.states = states;
  }

  /** True while work waits for a tensor. */
  get isWaiting(): boolean {
    return this.#pending !== undefined;
  }

  /** Does the work after everything before it, and after `reads`. Undefined: it is done. */
  inTurn(reads: Promise<unknown> | undefined, work: () => void): Promise<void> | undefined {
    if (this.#pending === undefined && reads === undefined) {
      work();
      return undefined;
    }
    const turn = workAfter(this.#pending, reads, work);
    const settled: Promise<void> = turn.then(
      () => this.#settle(settled),
      () => this.#settle(settled),
    );
    this.#pending = settled;
    return turn;
  }

  #settle(settled: Promise<void>): void {
    if (this.#pending === settled) this.#pending = undefined;
  }

  /** Throws what nobody has been told of, once. */
  throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure; // oxlint-disable-line only-throw-error -- what a batch threw, as it was
  }

  /** Adds sums of a device; takes them over. */
  addOnDevice({ ops, state }: OnDevice): void {
    this.onDevice = { ops, state: this.onDevice === undefined ? state : ops.add(this.onDevice.state, state) };
  }

  /** Takes the sums off the device; what is added meanwhile is gathered anew. Undefined: there are none. */
  takeOffDevice(): Promise<Float64Array> | undefined {
    const taken = this.onDevice;
    this.onDevice = undefined;
    return taken && readSums(taken);
  }

  /** The same once more; complete as soon as what this one waits for has come. */
  copy(): Accumulator {
    const twin = new Accumulator({});
    twin.updateCount = this.updateCount;
    twin.onDevice = this.onDevice && copyOnDevice(this.onDevice);
    const copied = this.inTurn(undefined, () => (twin.states = copyStates(this.states)));
    if (copied !== undefined) void twin.inTurn(copied, () => {});
    return twin;
  }

  /** One metric less holds it; the last one lets go of what lies on a device. */
  leave(): void {
    this.holders -= 1;
    if (this.holders > 0) return;
    this.onDevice?.ops.release(this.onDevice.state);
    this.onDevice = undefined;
  }
}

/** The same sums, released on their own. */
export function copyOnDevice({ ops, state }: OnDevice): OnDevice {
  return { ops, state: ops.copy(state) };
}

/** Reads sums and lets go of them. */
export async function readSums({ ops, state }: OnDevice): Promise<Float64Array> {
  const reading = ops.read([state]);
  // It may be released before the read settles.
  ops.release(state);
  return (await reading)[0] ?? new Float64Array(0);
}

/** `before` never rejects. */
async function workAfter(before: Promise<void> | undefined, reads: Promise<unknown> | undefined, work: () => void): Promise<void> {
  // Read errors wait for their turn, too.
  const [read] = await Promise.allSettled([reads, before]);
  if (read.status === 'rejected') throw read.reason;
  work();
}
