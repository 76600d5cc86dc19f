/** What a store does when its page is frozen or put aside, and when it comes back. */
export interface Suspendable {
  suspend(): void;
  resume(): void;
}

const suspendables = new Set<Suspendable>();
let detach: (() => void) | undefined;

/**
 * Lets a store know of freezing and of the back/forward cache, where an open database would stand in the way of others.
 * Gives back its undo; the last one removes the listeners from the page.
 */
export function onSuspension(store: Suspendable): () => void {
  suspendables.add(store);
  detach ??= attach();
  return () => {
    suspendables.delete(store);
    if (suspendables.size > 0) return;
    detach?.();
    detach = undefined;
  };
}

/** Tells the stores of this thread that the page is frozen or back. For workers, which have no such events of their own. */
export function signalSuspension(event: 'suspend' | 'resume'): void {
  for (const store of suspendables) store[event]();
}

function attach(): () => void {
  if (typeof document === 'undefined') return () => {};
  const ending = new AbortController();
  const { signal } = ending;
  document.addEventListener('freeze', () => signalSuspension('suspend'), { signal });
  document.addEventListener('resume', () => signalSuspension('resume'), { signal });
  // A page that is not persisted is going for good; the browser closes everything, and a last write may still get through.
  globalThis.addEventListener('pagehide', (event) => event.persisted && signalSuspension('suspend'), { signal });
  globalThis.addEventListener('pageshow', (event) => event.persisted && signalSuspension('resume'), { signal });
  return () => ending.abort();
}
