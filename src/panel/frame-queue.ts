/**
 * Runs tasks in animation frames: each at most once a frame, and no more of them in one frame than fit into `sliceMs`; the rest waits for
 * the next. In a hidden page there are no frames, so nothing runs.
 */
export class FrameQueue {
  readonly #waiting = new Set<() => void>();
  readonly #sliceMs: number;
  #frame = 0;
  #patienceMs = 0;

  /** @param sliceMs Milliseconds of a frame that tasks may take before the next one is put off. Default 5: one more may begin just before the end. */
  constructor(sliceMs = 5) {
    this.#sliceMs = sliceMs;
  }

  /**
   * Adds a task; one that already waits is not added again.
   * @param sliceMs What the next frame may take for the sake of this task, if that is more than usual: for a page that just opened, where
   * waiting for the next frame costs more than a frame that comes late.
   */
  add(task: () => void, sliceMs: number = this.#sliceMs): void {
    this.#waiting.add(task);
    this.#patienceMs = Math.max(this.#patienceMs, sliceMs);
    this.#frame ||= requestAnimationFrame(this.#run);
  }

  remove(task: () => void): void {
    this.#waiting.delete(task);
  }

  /** Drops all tasks. */
  clear(): void {
    this.#waiting.clear();
    this.#patienceMs = 0;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  readonly #run = (): void => {
    this.#frame = 0;
    let now = performance.now();
    const end = now + this.#patienceMs;
    let longest = 0;
    // A copy: a task that asks for itself again is due in the next frame, not in this one.
    for (const task of [...this.#waiting]) {
      this.#waiting.delete(task);
      task();
      const before = now;
      now = performance.now();
      longest = Math.max(longest, now - before);
      // Charts cost about the same: what does not fit any more waits, instead of holding up this frame.
      if (now + longest > end) break;
    }
    // Those that are put off are of the same kind as those that ran.
    if (this.#waiting.size === 0) this.#patienceMs = 0;
    else this.#frame ||= requestAnimationFrame(this.#run);
  };
}
