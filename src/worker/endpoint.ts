import { LogError } from '../core/errors.ts';

/** What a `Worker`, a `MessagePort` and a worker's own global scope have in common. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
  /** Ports only. */
  start?(): void;
}

/** The other end of a worker, seen from inside. Throws `worker-state` where there is none. */
export function workerScope(call: string): Endpoint {
  const scope: object = globalThis;
  if (typeof document !== 'undefined' || !('postMessage' in scope)) {
    throw new LogError(
      'worker-state',
      `${call}: this is not a worker. Call it in the file given to new Worker(…), and import only the type of what it returns in the page.`,
    );
  }
  // The checker knows pages only (the two libraries of globals clash); a worker's global scope is an endpoint.
  return scope as Endpoint;
}

/** Listens to messages. Gives back its undo. */
export function onMessage(endpoint: Endpoint, listener: (data: unknown) => void): () => void {
  const own = (event: Event): void => {
    if ('data' in event) listener(event.data);
  };
  endpoint.addEventListener('message', own);
  endpoint.start?.();
  return () => endpoint.removeEventListener('message', own);
}
