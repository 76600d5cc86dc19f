import type { LifecycleEvent } from '../run/lifecycle.ts';

/**
 * Tells what the page goes through, for a worker that cannot see it: hidden, pagehide, freeze, resume. Does nothing where
 * there is no document. Gives back its undo.
 */
export function relayLifecycle(tell: (event: LifecycleEvent) => void): () => void {
  if (typeof document === 'undefined') return () => {};
  const ending = new AbortController();
  const { signal } = ending;
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && tell('hidden'), { signal });
  document.addEventListener('freeze', () => tell('freeze'), { signal });
  document.addEventListener('resume', () => tell('resume'), { signal });
  addEventListener('pagehide', () => tell('pagehide'), { signal });
  return () => ending.abort();
}
