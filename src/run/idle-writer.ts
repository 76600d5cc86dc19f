/** Milliseconds without a new value after which an open step is written though nobody closed it. */
const idleMs = 250;

/** Has an open step written once the log falls silent. */
export class IdleWriter {
  readonly #write: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Seconds since the Unix epoch. */
  #lastLog = 0;

  constructor(write: () => void) {
    this.#write = write;
  }

  /** A value was logged at this moment, in seconds since the Unix epoch. */
  touch(wallTime: number): void {
    this.#lastLog = wallTime;
    if (this.#timer === undefined) this.#arm();
  }

  stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (Date.now() - this.#lastLog * 1000 >= idleMs * 0.9) this.#write();
      else this.#arm();
    }, idleMs);
  }
}
