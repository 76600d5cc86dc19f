/**
 * The one door to an accelerator. A run with an engine keeps the tensors it is given and reads hundreds of them
 * back in one device round trip.
 */
export interface Engine<T = unknown> {
  /** Shown in messages and stored as a fact of the run: `tfjs`. */
  readonly name: string;
  /** True for values this engine can retain. Cheap: called for each logged value that is not a number. */
  owns(value: unknown): value is T;
  /**
   * Keeps a value alive past the end of the step and returns what to read later. Throws a `LogError` (`bad-value`,
   * `two-copies`) whose message starts with `call` when the value does not hold exactly one number.
   */
  retain(value: T, call: string): T;
  /** Reads all values in one device round trip, in order. */
  read(values: readonly T[]): Promise<Float64Array>;
  /** Lets go of values from {@link retain}. Called once for each, after its read settled. */
  release(values: readonly T[]): void;
}
