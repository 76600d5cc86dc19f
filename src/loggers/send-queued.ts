import type { RequestParts } from '../core/send-request.ts';
import { keyOf, type Outbox, openOutbox } from '../store/outbox.ts';
import { splitBatch } from './http-batch.ts';
import { Courier, platformParts, readSettings, type SendOptions } from './http-courier.ts';

/** What {@link sendQueued} has done. */
export interface QueuedResult {
  /** Rows, records and what else was taken by the server. */
  readonly sent: number;
  /** Batches that still wait: the server did not take them, or a run that goes on or another tab has them in hand. */
  readonly left: number;
}

/** What a sender of this thread says when it is asked to send what is left of a run that has ended, in the way of another courier. */
export type SendAgain = (courier: Courier) => Promise<QueuedResult>;

/** Senders of this thread: they send by themselves what they have queued. */
const own = new Map<string, SendAgain>();

/**
 * Sends what earlier pages, and runs of this page that have ended, could not send to this address. Every {@link httpLogger} for the
 * address does so by itself when its run starts; this is for a page that has no run to log, or other headers by now. Never rejects for what the network or the server does; throws `bad-options`.
 */
export async function sendQueued(url: string | URL, options: SendOptions = {}, parts: RequestParts = platformParts): Promise<QueuedResult> {
  const settings = readSettings('sendQueued', url, options);
  const courier = new Courier(settings, parts);
  let [sent, left] = [0, 0];
  const add = (result: QueuedResult): void => {
    sent += result.sent;
    left += result.left;
  };
  for (const again of [...own.values()]) add(await again(courier));
  const outbox = settings.outbox === false ? undefined : await openOutbox(settings.outbox);
  if (outbox !== undefined) add(await sendLeftBehind(outbox, courier));
  outbox?.letGo();
  return { sent, left };
}

/** What {@link sendLeftBehind} has done and met. */
export interface LeftBehind extends QueuedResult {
  /** Senders in other threads that have something queued. */
  readonly alive: readonly string[];
  /** The server takes nothing now. */
  readonly isStopped: boolean;
}

/** As {@link sendQueued}. */
export async function sendLeftBehind(outbox: Outbox, courier: Courier): Promise<LeftBehind> {
  const { url, outbox: place } = courier.settings;
  let sent = 0;
  let alive: string[] = [];
  let isStopped = false;
  try {
    // One tab is enough. Without locks two may send the same: the server knows it by its id.
    await alone(`tabtrain-outbox:${place}:${url}`, async () => {
      const living = await senders();
      const keys = await outbox.keys(url);
      alive = [...new Set(keys.map(([, , sender]) => sender).filter((sender) => living.has(sender) && !own.has(sender)))];
      const waiting = keys.filter(([, , sender]) => !living.has(sender) && !own.has(sender));
      for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
        const batch = await outbox.read(key);
        if (batch === undefined) continue;
        const outcome = await courier.post(batch.body);
        if (outcome.kind === 'sent') {
          await outbox.replace(key);
          sent += batch.items;
          continue;
        }
        const halves = outcome.why === 413 ? splitBatch(batch) : undefined;
        if (halves !== undefined) {
          await outbox.replace(key, halves);
          waiting.unshift(...halves.map(keyOf));
        } else if (outcome.kind === 'later' || !outcome.isOfBody) {
          isStopped = true;
          return courier.explain(outcome);
        }
      }
    });
    const left = (await outbox.keys(url)).filter(([, , sender]) => !own.has(sender)).length;
    return { sent, left, alive, isStopped };
  } catch {
    return { sent, left: 0, alive, isStopped }; // the database is gone or refuses: nothing can be known
  }
}

/** Says that a sender of this thread is alive, until it is called back. */
export function holdSender(sender: string, again: SendAgain): () => void {
  own.set(sender, again);
  let free = (): void => {};
  const freed = new Promise<void>((resolve) => (free = resolve));
  // Refused in a sandboxed frame, which has no outbox either.
  webLocks()
    ?.request(senderLock + sender, () => freed)
    .catch(() => undefined);
  return () => {
    own.delete(sender);
    free();
  };
}

/** Resolves when a sender of another thread is gone. Rejects when the signal is aborted. */
export async function whenSenderIsGone(sender: string, signal: AbortSignal): Promise<void> {
  await webLocks()?.request(senderLock + sender, { mode: 'shared', signal }, () => undefined);
}

const senderLock = 'tabtrain-sender:';

/** Those that are alive, as far as it can be seen. */
async function senders(): Promise<ReadonlySet<string>> {
  const { held = [], pending = [] } = (await webLocks()?.query()) ?? {};
  const names = [...held, ...pending].filter(({ mode, name }) => mode === 'exclusive' && name?.startsWith(senderLock) === true);
  return new Set(names.map(({ name = '' }) => name.slice(senderLock.length)));
}

async function alone(name: string, act: () => Promise<void>): Promise<void> {
  const locks = webLocks();
  if (locks === undefined) return act();
  await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await act();
  });
}

function webLocks(): LockManager | undefined {
  return (globalThis.navigator as { readonly locks?: LockManager } | undefined)?.locks; // missing where the page is not secure
}
