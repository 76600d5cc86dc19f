import type { Accumulator, OnDevice } from './accumulator.ts';
import type { MetricStates } from './metric-states.ts';

/** What one batch made of the states: here, once `done` resolves, or on a device. */
export interface Batch {
  readonly gathered: Accumulator;
  readonly states?: MetricStates;
  readonly done?: Promise<void> | undefined;
  readonly onDevice?: OnDevice;
}

/** A metric of a collection whose update others follow, and its batch if it was a `forward`. */
export interface Leader {
  /** Its `updateKey`. */
  readonly key: string | undefined;
  readonly gathered: Accumulator;
  readonly batch?: Batch;
}
