/**
 * Lets everything that waits have its turn: messages, timers, drawing. Not by animation frames, which stop in a hidden
 * tab and hold a loop to the display's rate, and not by timers, which browsers slow down in hidden tabs.
 */
export class EventTurns {
  readonly #channel = new MessageChannel();
  #resolve: (() => void) | undefined;

  constructor() {
    this.#channel.port1.onmessage = (): void => {
      const resolve = this.#resolve;
      this.#resolve = undefined;
      resolve?.();
    };
  }

  /** Resolves in a later task. One turn at a time. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#channel.port2.postMessage(undefined);
    });
  }

  /** Lets go of the channel. In Node an open one keeps the process alive. */
  close(): void {
    this.#channel.port1.close();
  }
}
