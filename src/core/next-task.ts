/** Resolves in a later task, after everything that waits has had its turn. */
export function nextTask(): Promise<void> {
  // A message, not a timer: timers wait at least 4 ms, and a second in hidden tabs.
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
