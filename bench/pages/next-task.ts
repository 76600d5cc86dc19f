const channel = new MessageChannel();
let wake: (() => void) | undefined;
channel.port1.addEventListener('message', () => wake?.());
channel.port1.start();

/** Resolves in the next turn of the event loop, without the pause of at least 4 ms that nested timers get. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    wake = resolve;
    channel.port2.postMessage(undefined);
  });
}
