import { LogError } from './errors.ts';

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

/** The engine of a run: the one it was started with, or that of what trains first. */
export class EngineSlot implements Engine {
  #engine: Engine | undefined;

  constructor(engine: Engine | undefined) {
    this.#engine = engine;
  }

  get name(): string {
    return this.#engine?.name ?? 'none';
  }

  /** Takes an engine, if it has none. */
  attach(engine: Engine): void {
    this.#engine ??= engine;
  }

  owns(value: unknown): value is unknown {
    return this.#engine?.owns(value) === true;
  }

  retain(value: unknown, call: string): unknown {
    return this.#own().retain(value, call);
  }

  read(values: readonly unknown[]): Promise<Float64Array> {
    return this.#own().read(values);
  }

  release(values: readonly unknown[]): void {
    this.#own().release(values);
  }

  #own(): Engine {
    if (this.#engine === undefined) throw new LogError('internal', 'internal: a tensor was kept without an engine.');
    return this.#engine;
  }
}
