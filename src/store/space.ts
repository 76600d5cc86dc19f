import type { Warner } from '../core/warnings.ts';
import type { StoreSpace } from './run-types.ts';
import { sayOfStore } from './words.ts';
import { formatNumber } from '../core/words.ts';

/** How often at most the browser is asked while something is written, in milliseconds: it has to count. */
const askEveryMs = 30_000;

/** How much room the browser gives this page's address, and how much is taken. Never rejects. */
export async function storeSpace(): Promise<StoreSpace> {
  const storage = storageManager();
  const [estimate, isPersisted] = await Promise.all([answerOf(() => storage?.estimate?.()), answerOf(() => storage?.persisted?.())]);
  return { usage: estimate?.usage, quota: estimate?.quota, isPersisted };
}

let asking: Promise<boolean | undefined> | undefined;

/**
 * Asks the browser, once per page, not to clear this address by itself. Resolves to whether it will keep it; undefined where it
 * cannot be asked: in workers, on insecure pages. Some browsers ask the person, so call it when there is something to keep. Never rejects.
 */
export function keepPersistently(): Promise<boolean | undefined> {
  asking ??= (async () => {
    const storage = storageManager();
    if ((await answerOf(() => storage?.persisted?.())) === true) return true;
    return answerOf(() => storage?.persist?.());
  })();
  return asking;
}

/** Warns once when the store is nearly full. */
export interface SpaceWatch {
  /** Call it when a run starts and when something was written; the browser is asked at most every 30 seconds. */
  look(): void;
}

/** Makes a {@link SpaceWatch}. `now` is in milliseconds. */
export function createSpaceWatch(
  warn: Warner,
  read: () => Promise<StoreSpace> = storeSpace,
  now: () => number = () => performance.now(),
): SpaceWatch {
  let askedAt = -Infinity;
  return {
    look() {
      if (now() - askedAt < askEveryMs) return;
      askedAt = now();
      void read().then(({ usage, quota }) => {
        if (usage === undefined || quota === undefined || !isNearlyFull({ usage, quota })) return;
        warn('space', sayOfStore('space', { used: formatBytes(usage), room: formatBytes(quota) }));
      });
    },
  };
}

/** True from 80 % of the quota on; false where the browser does not say. */
export function isNearlyFull({ usage = 0, quota = Infinity }: Pick<StoreSpace, 'usage' | 'quota'>): boolean {
  return quota > 0 && usage >= quota * 0.8;
}

/** Bytes for people, in decimal units as browsers and disks count them: `0 B`, `1.2 kB`, `12 MB`, `2.0 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  // Not 1000 kB: what would be rounded up to four digits goes on to the next unit.
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${formatNumber(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${units[unit]}`;
}

function storageManager(): Partial<StorageManager> | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.storage;
}

// Some browsers throw or reject where a page may not store anything.
async function answerOf<Answer>(ask: () => Promise<Answer> | undefined): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
