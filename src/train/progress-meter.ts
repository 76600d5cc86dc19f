/** Milliseconds over which the rate is taken. */
const windowMs = 3000;

/** Steps per second over the last seconds, from samples of how many steps were done when. */
export class ProgressMeter {
  #times: number[] = [];
  #steps: number[] = [];
  #rate = 0;

  /** 0 until two samples lie apart. Kept while nothing is measured, e.g. while validating. */
  get stepsPerSecond(): number {
    return this.#rate;
  }

  /** Notes that `steps` were done at `now` (milliseconds, monotonic). */
  sample(steps: number, now: number): void {
    this.#times.push(now);
    this.#steps.push(steps);
    let drop = 0;
    // One sample older than the window stays: the rate is taken from its edge.
    while (drop + 2 < this.#times.length && (this.#times[drop + 1] ?? now) <= now - windowMs) drop += 1;
    if (drop > 0) {
      this.#times.splice(0, drop);
      this.#steps.splice(0, drop);
    }
    const span = now - (this.#times[0] ?? now);
    const made = steps - (this.#steps[0] ?? steps);
    if (span > 0 && made > 0) this.#rate = (made / span) * 1000;
  }

  /** Begins to measure afresh after time in which no steps were made. */
  restart(): void {
    this.#times = [];
    this.#steps = [];
  }
}
