/** What keeps a store of this thread from its database: the browser, a newer program, another tab for now. */
export type Obstacle = 'refused' | 'newer' | 'waiting';

const obstacles = new Map<string, Obstacle>();
const listeners = new Set<() => void>();

/** Notes what keeps a store from its database, or that nothing does any more. */
export function noteObstacle(storeName: string, obstacle: Obstacle | undefined): void {
  if (obstacles.get(storeName) === obstacle) return;
  if (obstacle === undefined) obstacles.delete(storeName);
  else obstacles.set(storeName, obstacle);
  for (const listener of listeners) listener();
}

/** What was found so far in this thread, each once. */
export function knownObstacles(): ReadonlySet<Obstacle> {
  return new Set(obstacles.values());
}

/** Calls back when they have changed. Gives back its undo. */
export function onObstacle(listener: () => void): () => void {
  const own = (): void => listener();
  listeners.add(own);
  return () => listeners.delete(own);
}
