import { signalSuspension } from '../store/lifecycle.ts';

/** What happens to a page, as far as keeping its data safe goes. */
export type LifecycleEvent = 'hidden' | 'pagehide' | 'freeze' | 'resume';

const listeners = new Set<(event: LifecycleEvent) => unknown>();
let detach: (() => void) | undefined;

/**
 * Calls back when the page is hidden, left, frozen or resumed. In a worker, which has no such events, when they are
 * relayed through {@link signalLifecycle}. What a listener gives back is awaited before the thread's stores let go of a
 * frozen page's database. Gives back its undo.
 */
export function onLifecycle(listener: (event: LifecycleEvent) => unknown): () => void {
  listeners.add(listener);
  detach ??= attach();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      detach?.();
      detach = undefined;
    }
  };
}

/** Tells this thread's runs about an event of the page. `connectTrainer` relays the page's events into the worker's. */
export function signalLifecycle(event: LifecycleEvent): void {
  const done = Promise.allSettled([...listeners].map((listener) => listener(event)));
  // A page's stores hear of freezing by themselves; a worker's hear of it from here, once its runs are written.
  if (typeof document !== 'undefined') return;
  if (event === 'freeze') void done.then(() => signalSuspension('suspend'));
  if (event === 'resume') signalSuspension('resume');
}

function attach(): () => void {
  if (typeof document === 'undefined') return () => {};
  const hidden = (): void => {
    if (document.visibilityState === 'hidden') signalLifecycle('hidden');
  };
  const pagehide = (): void => signalLifecycle('pagehide');
  const freeze = (): void => signalLifecycle('freeze');
  const resume = (): void => signalLifecycle('resume');
  document.addEventListener('visibilitychange', hidden);
  document.addEventListener('freeze', freeze);
  document.addEventListener('resume', resume);
  globalThis.addEventListener('pagehide', pagehide);
  return () => {
    document.removeEventListener('visibilitychange', hidden);
    document.removeEventListener('freeze', freeze);
    document.removeEventListener('resume', resume);
    globalThis.removeEventListener('pagehide', pagehide);
  };
}
