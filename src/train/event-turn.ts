/**
 * Lets everything that waits have its turn: messages, timers, drawing. Not by animation frames, which stop in a hidden
 * tab and hold a loop to the display's rate, and not by timers, which browsers slow down in hidden tabs.
 */
export interface EventTurns {
  /** Resolves in a later task. One turn at a time. */
  next(): Promise<void>;
  close(): void;
}

/** Messages to oneself in browsers; in Node its own call for the purpose, where messages come a thousand in one turn. */
export function openEventTurns(): EventTurns {
  const { setImmediate } = globalThis as { readonly setImmediate?: (callback: () => void) => void }; // Node only
  if (setImmediate !== undefined) return { next: () => new Promise(setImmediate), close: () => {} };
  const channel = new MessageChannel();
  let resolveTurn: (() => void) | undefined;
  channel.port1.onmessage = (): void => resolveTurn?.();
  return {
    next: () =>
      new Promise((resolve) => {
        resolveTurn = resolve;
        channel.port2.postMessage(undefined);
      }),
    close: () => channel.port1.close(),
  };
}
