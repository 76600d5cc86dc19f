import { describe, LogError } from '../core/errors.ts';
import { createWarner } from '../core/warnings.ts';
import type { MetricStore, ScalarChunk } from '../store/metric-store.ts';
import { linkCommands } from './command-link.ts';
import { onMessage } from './endpoint.ts';
import { eachPlainCall, type StoreCommands, type StoreNews } from './serve-store.ts';
import { sayOfStore } from '../store/words.ts';

/** A store that lives at the other end of a port, served there by `serveStore`. Keeps the promises of every store. */
export function portStore(port: MessagePort, name: string): MetricStore {
  const warn = createWarner();
  const link = linkCommands<StoreCommands>(port);
  const watches = new Map<number, (news: StoreNews) => void>();
  const pending = new Set<(error: LogError) => void>();
  let lastId = 0;
  let closed: LogError | undefined;

  const forget = onMessage(port, (data) => {
    if (!isNews(data)) return;
    const watch = watches.get(data.watch);
    // Whoever asks waits for an answer, also when the offer was taken back meanwhile.
    if (watch === undefined && data.news === 'unsaved') send('giveUnsaved', data.ask, []).catch(() => {});
    try {
      watch?.(data);
    } catch (thrown) {
      const [call, text] = [
        { chunk: 'follow()', record: 'followRecords()', runs: 'watchRuns()', unsaved: 'offerUnsaved()' }[data.news],
        thrown instanceof Error ? thrown.message : describe(thrown),
      ];
      warn(`listener:${call}:${text}`, sayOfStore('listener', { call, error: text }));
    }
  });

  const send = <Command extends keyof StoreCommands>(
    command: Command,
    ...args: Parameters<StoreCommands[Command]>
  ): Promise<Awaited<ReturnType<StoreCommands[Command]>>> => {
    if (closed !== undefined) return Promise.reject(closed);
    const answer = link.send(`store.${command}()`, command, ...args);
    return new Promise((resolve, reject) => {
      pending.add(reject);
      answer.then(resolve, reject).finally(() => pending.delete(reject));
    });
  };

  const watch = (listener: (news: StoreNews) => void, start: (id: number) => Promise<void>): (() => void) => {
    if (closed !== undefined) throw closed;
    const id = ++lastId;
    watches.set(id, listener);
    const started = start(id);
    // A follow has nobody to reject to: with the store gone there is nothing to follow.
    started.catch(() => watches.delete(id));
    return () => {
      if (!watches.delete(id)) return;
      // After the start has been answered: an undo that overtakes it would leave the watch in place for ever.
      started.then(() => send('unwatch', id)).catch(() => {});
    };
  };

  const iterate = async function* (id: number, opened: Promise<void>): AsyncGenerator<ScalarChunk> {
    await opened;
    try {
      for (let chunk = await send('nextChunk', id); chunk !== undefined; chunk = await send('nextChunk', id)) yield chunk;
    } finally {
      if (closed === undefined) await send('closeChunks', id);
    }
  };

  const close = (): Promise<void> => {
    if (closed === undefined) {
      closed = new LogError('store-closed', `the store '${name}' has been closed. Open it again with openStore().`);
      forget();
      link.close();
      watches.clear();
      for (const reject of pending) reject(closed);
      pending.clear();
    }
    return Promise.resolve();
  };
  // Where the browser tells: the page that served the store is gone.
  port.addEventListener('close', () => void close());

  return {
    name,
    kind: 'port',
    ...eachPlainCall((name) => {
      const call = (...args: unknown[]): Promise<unknown> => send(name, ...(args as Parameters<StoreCommands[typeof name]>));
      // Arguments and result are those of the command of this name.
      return call as never;
    }),
    chunks(runId, fromSeq, withSuperseded) {
      const id = ++lastId;
      // Asked at once, not at the first step of the iteration: what is committed later is not meant.
      const opened = send('openChunks', id, runId, fromSeq, withSuperseded);
      opened.catch(() => {});
      return iterate(id, opened);
    },
    follow: (runId, listener, fromSeq) =>
      watch(
        (news) => news.news === 'chunk' && listener(news.chunk),
        (id) => send('follow', id, runId, fromSeq),
      ),
    followRecords: (runId, listener, fromIndex) =>
      watch(
        (news) => news.news === 'record' && listener(news.record),
        (id) => send('followRecords', id, runId, fromIndex),
      ),
    watchRuns: (listener) =>
      watch(
        () => listener(),
        (id) => send('watchRuns', id),
      ),
    offerUnsaved: (runId, read) =>
      watch(
        (news) => {
          if (news.news !== 'unsaved') return;
          const give = async (): Promise<void> => send('giveUnsaved', news.ask, await read());
          give()
            .catch(() => send('giveUnsaved', news.ask, []))
            .catch(() => {}); // nobody is asking any more
        },
        (id) => send('offerUnsaved', id, runId),
      ),
    async lockRun(runId) {
      const id = ++lastId;
      await send('lockRun', id, runId);
      return { release: () => void send('unlockRun', id).catch(() => {}) };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isNews(data: unknown): data is StoreNews {
  return typeof data === 'object' && data !== null && 'news' in data;
}
