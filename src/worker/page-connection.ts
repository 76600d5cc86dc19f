import { LogError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { newRunId } from '../core/run-id.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { openStore } from '../store/open-store.ts';
import { type CommandLink, linkCommands } from './command-link.ts';
import { type Endpoint, onMessage } from './endpoint.ts';
import { EventListeners } from './event-listeners.ts';
import { relayLifecycle } from './lifecycle-relay.ts';
import { watchByPing, watchLifeLock } from './liveness.ts';
import { whyNotLoaded } from './module-worker.ts';
import {
  type Handshake,
  type PageSignal,
  protocolVersion,
  type StoreReference,
  type TrainerCommands,
  type WorkerSignal,
} from './protocol.ts';
import { serveLoggers } from './serve-loggers.ts';
import { serveStore } from './serve-store.ts';
import { sayOfWorker } from './words.ts';
import { currentLanguage, onLanguage } from '../core/words.ts';

/**
 * Other tabs hold a writer for dead 90 seconds after its last sign of life, of which it gives one each ten seconds. Before that none can have
 * taken its run.
 */
const turnlessMs = 80_000;

/** Makes the error of one call that can no longer be answered; `call` begins its message. */
type Ending = (call: string) => LogError;

/** What a connection is made of, beside the worker. */
export interface PageConnectionOptions {
  readonly store: MetricStore | false | undefined;
  readonly loggers: readonly Logger[];
  readonly events: EventListeners;
  /** What to do when the worker is gone. */
  readonly nextMove: string;
  /** Told when the worker is gone, before pending calls are rejected. */
  readonly died: (ending: Ending) => void;
}

/** The page's end of a connection to a worker: messages, the worker's life, and what has to be undone. */
export class PageConnection {
  readonly events: EventListeners;
  readonly #endpoint: Endpoint;
  readonly #link: CommandLink<TrainerCommands>;
  readonly #signals: MessagePort;
  readonly #pending = new Set<(ending: Ending) => void>();
  readonly #undo: (() => void)[] = [];
  readonly #died: (ending: Ending) => void;
  readonly #nextMove: string;
  readonly #store: MetricStore | false | undefined;
  #ownStore: Promise<MetricStore> | undefined;
  #heard: (() => void) | undefined;
  /** When the worker's thread last had a turn of its own, in milliseconds since the Unix epoch. */
  #turnAt: number = Date.now();
  #isReady = false;
  #ending: Ending | undefined;

  constructor(endpoint: Worker | MessagePort, { store, loggers, events, nextMove, died }: PageConnectionOptions) {
    this.events = events;
    this.#endpoint = endpoint;
    this.#nextMove = nextMove;
    this.#store = store;
    this.#died = died;
    const [commands, signals, stores, logging] = [new MessageChannel(), new MessageChannel(), new MessageChannel(), new MessageChannel()];
    this.#link = linkCommands<TrainerCommands>(commands.port1);
    this.#signals = signals.port1;
    const connectionId = newRunId();

    if (store !== false) this.#undo.push(serveStore(stores.port1, () => this.#pageStore(store)));
    this.#undo.push(serveLoggers(logging.port1, loggers));
    this.#undo.push(
      onMessage(endpoint, (data) => {
        if (this.#isReady || !isReady(data)) return;
        this.#isReady = true;
        if (data.version !== protocolVersion) return this.#end(versionsDiffer(data.version));
        const connect = {
          tabtrain: 'connect',
          connectionId,
          commands: commands.port2,
          signals: signals.port2,
          storePort: stores.port2,
          loggerPort: logging.port2,
          store: referTo(store),
          language: currentLanguage(),
        } satisfies Handshake;
        endpoint.postMessage(connect, [commands.port2, signals.port2, stores.port2, logging.port2]);
      }),
      onMessage(signals.port1, (data) => this.#hear(data as WorkerSignal, connectionId)), // the other end sends nothing else
      relayLifecycle((event) => this.#tell({ type: 'lifecycle', event })),
      onLanguage(() => this.#tell({ type: 'language', language: currentLanguage() })),
    );
    this.#watch(endpoint, [commands.port1, signals.port1]);
    this.#warnWhenSilent();
    endpoint.postMessage({ tabtrain: 'knock' } satisfies Handshake, []);
  }

  /** Why nothing is answered any more; undefined while the connection stands. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Calls a command. Rejects within a second when the worker dies meanwhile. */
  send<Name extends keyof TrainerCommands>(
    call: string,
    name: Name,
    ...args: Parameters<TrainerCommands[Name]>
  ): Promise<Awaited<ReturnType<TrainerCommands[Name]>>> {
    if (this.#ending !== undefined) return Promise.reject(this.#ending(call));
    return this.untilEnd(call, this.#link.send(call, name, ...args));
  }

  /** Settles as `work` does, or rejects when the connection ends first. */
  untilEnd<Value>(call: string, work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const give = (ending: Ending): void => reject(ending(call));
      this.#pending.add(give);
      work.then(resolve, reject).finally(() => this.#pending.delete(give));
    });
  }

  /** Ends the worker's thread. False where it is not a worker's and so cannot be ended from here. */
  terminate(): boolean {
    if (!isWorker(this.#endpoint)) return false;
    this.#endpoint.terminate();
    return true;
  }

  /** The worker that wrote a run has been ended from here. */
  async freeRun(runId: string): Promise<void> {
    // One that has not had a turn for so long is held for dead by other tabs, too, and one of them may go on with the run.
    if (this.#store === false || Date.now() - this.#turnAt > turnlessMs) return;
    const store = await this.#pageStore(this.#store).catch(() => undefined);
    await store?.freeRun?.(runId).catch(() => undefined);
  }

  /** Ends the connection; the worker lives on. */
  async close(): Promise<void> {
    this.#end(
      (call) => new LogError('worker-state', `${call}: the connection was closed with close(). Connect again with connectTrainer().`),
    );
    const store = await this.#ownStore?.catch(() => undefined);
    await store?.close();
  }

  #pageStore(store: MetricStore | undefined): Promise<MetricStore> {
    if (store !== undefined) return Promise.resolve(store);
    const opening = (this.#ownStore ??= openStore());
    opening.catch(() => (this.#ownStore = undefined));
    return opening;
  }

  #tell(signal: PageSignal): void {
    this.#signals.postMessage(signal);
  }

  #hear(signal: WorkerSignal, connectionId: string): void {
    this.#heard?.();
    switch (signal.type) {
      case 'events':
        return this.events.tellBatch(signal.batch, signal.events);
      case 'connected':
        return this.#watchLife(signal.holdsLock, connectionId);
      case 'unreadable':
        return this.#die('a message to it could not be read there');
      case 'pong':
        this.#turnAt = Date.now();
        return undefined;
      default:
        signal satisfies never;
    }
  }

  #watchLife(holdsLock: boolean, connectionId: string): void {
    if (holdsLock) this.#undo.push(watchLifeLock(connectionId, () => this.#die('its thread is gone')));
    else {
      const isTold = 'onclose' in MessagePort.prototype;
      const watch = watchByPing(
        () => this.#tell({ type: 'ping' }),
        () => (isTold ? undefined : this.#die('it has not answered for a minute')),
      );
      this.#heard = () => watch.heard();
      this.#undo.push(() => watch.end());
    }
  }

  /** A worker's file that never calls `exposeTrainer` cannot be told from one that is still loading, except by patience. */
  #warnWhenSilent(): void {
    const timer = setTimeout(() => {
      if (this.#isReady) return;
      this.events.tell('alert', { title: sayOfWorker('not-ready'), text: sayOfWorker('silent'), level: 'warn' });
    }, 10_000);
    this.#undo.push(() => clearTimeout(timer));
  }

  #watch(endpoint: Endpoint, ports: readonly MessagePort[]): void {
    this.#listen(endpoint, 'error', (event) => this.#heardError(event));
    for (const port of ports) {
      this.#listen(port, 'messageerror', () => this.#die('a message from it could not be read here'));
      this.#listen(port, 'close', () => this.#die('it closed the connection'));
    }
    // Neither an event nor, while it is busy, its lock tells of a worker that the page itself ends: the lock of a thread in
    // a long step comes free two seconds later (Chromium 147). So this one object's method says it.
    if (isWorker(endpoint)) this.#undo.push(hearTerminate(endpoint, () => this.#die('it was terminated')));
  }

  #heardError(event: Event): void {
    const text = 'message' in event && typeof event.message === 'string' && event.message !== '' ? event.message : undefined;
    const cause: unknown = 'error' in event ? event.error : undefined;
    if (!this.#isReady) {
      // With nobody to hear of it here, the browser should report it.
      if (this.#pending.size > 0 || this.events.hasListener('error')) event.preventDefault();
      const why = text === undefined ? whyNotLoaded(this.#endpoint) : undefined;
      if (why === undefined) this.#die(text === undefined ? 'its script could not be loaded' : `its script failed: ${text}`, cause);
      else void why.then((found) => this.#die(found));
    } else if (this.events.hasListener('error')) {
      // The worker sends it as an event, too, with its stack and cause. Without a listener the browser should report it.
      event.preventDefault();
    }
  }

  #listen(target: Endpoint, type: string, listener: (event: Event) => void): void {
    target.addEventListener(type, listener);
    this.#undo.push(() => target.removeEventListener(type, listener));
  }

  #die(why: string, cause?: unknown): void {
    if (this.#ending !== undefined) return;
    const options = cause === undefined || cause === null ? undefined : { cause };
    const ending: Ending = (call) =>
      new LogError('worker-died', `${call}: the worker is gone: ${why}. ${this.#nextMove}; what was committed is in the store.`, options);
    this.#end(ending, this.#died);
  }

  #end(ending: Ending, told?: (ending: Ending) => void): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    for (const undo of this.#undo) undo();
    this.#link.close();
    this.#signals.close();
    told?.(ending);
    for (const give of this.#pending) give(ending);
    this.#pending.clear();
  }
}

function referTo(store: MetricStore | false | undefined): StoreReference {
  if (store === false) return { kind: 'none' };
  if (store === undefined) return { kind: 'named', name: undefined };
  return store.kind === 'indexeddb' ? { kind: 'named', name: store.name, maxBytes: store.maxBytes } : { kind: 'port', name: store.name };
}

function versionsDiffer(found: number): Ending {
  return (call) =>
    new LogError(
      'worker-state',
      `${call}: page and worker were built with different versions of tabtrain (protocol ${protocolVersion} and ${found}). Reload the page; build both together.`,
    );
}

/** Calls back after the page has ended this worker. Gives back its undo. */
function hearTerminate(worker: Worker, heard: () => void): () => void {
  const before = Object.getOwnPropertyDescriptor(worker, 'terminate');
  const terminate = worker.terminate.bind(worker);
  const own = (): void => {
    terminate();
    heard();
  };
  Object.defineProperty(worker, 'terminate', { value: own, configurable: true, writable: true });
  return () => {
    // Somebody else may have put theirs over ours; then ours stays, and says nothing.
    if (worker.terminate !== own) return;
    if (before === undefined) Reflect.deleteProperty(worker, 'terminate');
    else Object.defineProperty(worker, 'terminate', before);
  };
}

function isWorker(endpoint: Endpoint): endpoint is Worker {
  return 'terminate' in endpoint;
}

function isReady(data: unknown): data is Extract<Handshake, { readonly tabtrain: 'ready' }> {
  return typeof data === 'object' && data !== null && 'tabtrain' in data && data.tabtrain === 'ready';
}
