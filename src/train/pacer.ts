import { type EventTurns, openEventTurns } from './event-turn.ts';

export interface PacerOptions {
  /** See `TrainModule.deviceIdle`. */
  readonly deviceIdle: () => Promise<void> | undefined;
  /** Milliseconds of work between two turns of the event loop. Default 30. */
  readonly sliceMs?: number;
  /** Milliseconds, monotonic. Default `performance.now`. */
  readonly now?: () => number;
}

interface Fence {
  readonly steps: number;
  readonly pieces: number;
  readonly submittedAt: number;
  readonly done: Promise<void>;
  doneAt: number;
}

/** At most this many slices are submitted and not done: one runs while the next is being submitted. */
const slicesInFlight = 2;

/**
 * Cuts a loop into slices by time. Between slices the event loop gets a turn, and a GPU is kept at most two slices
 * behind, so that stop, pause and progress mean what the device does. What lies within a slice costs no promise.
 */
export class Pacer {
  readonly #deviceIdle: () => Promise<void> | undefined;
  readonly #sliceMs: number;
  readonly #now: () => number;
  readonly #turns: EventTurns = openEventTurns();
  readonly #inFlight: Fence[] = [];
  #sliceStart: number;
  #piecesInSlice = 0;
  #stepsInSlice = 0;
  #piecesPerSlice = 1;
  #completed = 0;
  #lastDoneAt = 0;
  /** Milliseconds an idle device takes to answer; part of every wait, no matter how much work there was. */
  #answerMs: number | undefined;

  constructor(options: PacerOptions) {
    this.#deviceIdle = options.deviceIdle;
    this.#sliceMs = options.sliceMs ?? 30;
    this.#now = options.now ?? ((): number => performance.now());
    this.#sliceStart = this.#now();
  }

  /** Steps that the device has done. */
  get completed(): number {
    return this.#completed;
  }

  /** Notes a piece of work as submitted: a step, or a validation batch. True when its slice is over and {@link turn} is due. */
  submitted(isStep: boolean): boolean {
    this.#piecesInSlice += 1;
    if (isStep) this.#stepsInSlice += 1;
    return this.#piecesInSlice >= this.#piecesPerSlice || this.#now() - this.#sliceStart >= this.#sliceMs;
  }

  /** Ends the slice: gives the event loop a turn and waits while the device is more than a slice behind. */
  async turn(): Promise<void> {
    const idle = this.#deviceIdle();
    if (idle === undefined) {
      this.#completed += this.#stepsInSlice;
      this.#piecesPerSlice = Infinity;
    } else {
      this.#push(idle);
      if (this.#inFlight.length >= slicesInFlight) await this.#awaitOldest();
    }
    await this.#turns.next();
    this.#startSlice();
  }

  /** Waits until the device has done everything, and the event loop had a turn. */
  async settle(): Promise<void> {
    await this.turn();
    while (this.#inFlight.length > 0) await this.#awaitOldest();
    if (this.#answerMs === undefined) {
      const asked = this.#now();
      await this.#deviceIdle();
      this.#answerMs = this.#now() - asked;
    }
    this.#startSlice();
  }

  close(): void {
    this.#turns.close();
    // A failing device is reported by whoever awaits it; what nobody awaits any more must not count as unhandled.
    for (const { done } of this.#inFlight) done.catch(() => {});
  }

  #push(idle: Promise<void>): void {
    const fence: Fence = {
      steps: this.#stepsInSlice,
      pieces: this.#piecesInSlice,
      submittedAt: this.#now(),
      doneAt: 0,
      done: idle.then(() => {
        fence.doneAt = this.#now();
      }),
    };
    fence.done.catch(() => {});
    this.#inFlight.push(fence);
  }

  async #awaitOldest(): Promise<void> {
    const fence = this.#inFlight.shift();
    if (fence === undefined) return;
    await fence.done;
    this.#completed += fence.steps;
    if (this.#answerMs !== undefined && fence.pieces > 0) {
      const busyMs = fence.doneAt - Math.max(fence.submittedAt, this.#lastDoneAt) - this.#answerMs;
      const fitting = busyMs <= 0 ? Infinity : (this.#sliceMs * fence.pieces) / busyMs;
      // Grows step by step: the first slices still compile kernels of ragged batches and are no measure.
      this.#piecesPerSlice = Math.max(1, Math.min(Math.round(fitting), fence.pieces * 2, 4096));
    }
    this.#lastDoneAt = fence.doneAt;
  }

  #startSlice(): void {
    this.#stepsInSlice = 0;
    this.#piecesInSlice = 0;
    this.#sliceStart = this.#now();
  }
}
