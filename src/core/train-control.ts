import { LogError } from './errors.ts';

/** Settings that may change while training, e.g. `{ lr: 1e-3 }`. Which ones are understood is the module's affair. */
export type TrainSettings = Readonly<Record<string, number>>;

/**
 * The outside's grip on a running loop: stop, pause, single steps, changed settings. The loop looks at it before each
 * step, so everything takes effect within one step. Pure state, no timers; usable in the page and in a worker.
 */
export class TrainControl {
  #stopReason: string | undefined;
  #paused = false;
  #stepsAllowed = 0;
  #settings: Record<string, number> = {};
  #hasSettings = false;
  #wake: (() => void)[] = [];

  /** True once {@link stop} was called. */
  get shouldStop(): boolean {
    return this.#stopReason !== undefined;
  }

  /** Why it was stopped; undefined while it was not. */
  get stopReason(): string | undefined {
    return this.#stopReason;
  }

  /** True while paused and no single step is due. */
  get isPaused(): boolean {
    return this.#paused && this.#stepsAllowed === 0;
  }

  /** Ends the loop before its next step. The run's status becomes `stopped`. */
  stop(reason = 'stopped by the user'): void {
    this.#stopReason ??= reason;
    this.#wakeAll();
  }

  pause(): void {
    this.#paused = true;
    this.#stepsAllowed = 0;
  }

  resume(): void {
    this.#paused = false;
    this.#wakeAll();
  }

  /** Lets a paused loop make `count` more steps. Pauses a running one after them. Default 1. Throws `bad-options`. */
  step(count = 1): void {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new LogError('bad-options', `control.step(${String(count)}): need a whole number of at least 1.`);
    }
    this.#paused = true;
    this.#stepsAllowed += count;
    this.#wakeAll();
  }

  /** Changes settings before the next step, e.g. `set({ lr: 1e-4 })`. */
  set(settings: TrainSettings): void {
    Object.assign(this.#settings, settings);
    this.#hasSettings = true;
  }

  /** For the loop: settings changed since the last call, or undefined. */
  takeSettings(): TrainSettings | undefined {
    if (!this.#hasSettings) return undefined;
    const taken = this.#settings;
    this.#settings = {};
    this.#hasSettings = false;
    return taken;
  }

  /** For the loop, before each step: resolves when a step may be made or the loop should stop. */
  async whenReady(): Promise<void> {
    while (this.isPaused && !this.shouldStop) await new Promise<void>((wake) => this.#wake.push(wake));
    if (this.#paused && this.#stepsAllowed > 0) this.#stepsAllowed -= 1;
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const one of wake) one();
  }
}
