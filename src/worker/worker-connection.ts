import type { Logger } from '../core/logger.ts';
import { signalLifecycle } from '../run/lifecycle.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { defaultStoreName, openStore } from '../store/open-store.ts';
import { serveCommands } from './command-link.ts';
import { onMessage } from './endpoint.ts';
import { encodeError } from './error-codec.ts';
import { PageLoggers } from './page-loggers.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { holdLifeLock } from './liveness.ts';
import type { FitCommand, Handshake, PageSignal, TrainerCommands, WorkerSignal } from './protocol.ts';
import { portStore } from './store-port.ts';
import type { TrainingHost, TrainingStore } from './training-host.ts';
import { sayOfWorker } from './words.ts';
import { currentLanguage, type Language, setLanguage } from '../core/words.ts';

type Connect = Extract<Handshake, { readonly tabtrain: 'connect' }>;

/** The worker's end of one page's connection. */
export class WorkerConnection {
  readonly events: EventQueue;
  readonly #connect: Connect;
  #portStore: MetricStore | undefined;
  #pageLoggers: PageLoggers | undefined;
  #releaseLock: (() => void) | undefined;
  #isClosed = false;

  /** `leave` is called when the page says goodbye; its promise is what the page waits for. */
  constructor(connect: Connect, host: TrainingHost, leave: () => Promise<void>) {
    this.#connect = connect;
    const { commands, signals, connectionId, language } = connect;
    if (language !== undefined) speak(language);
    const tell = (signal: WorkerSignal): void => signals.postMessage(signal);
    this.events = createEventQueue((batch, events) => tell({ type: 'events', batch, events }));

    serveCommands<TrainerCommands>(commands, {
      fit: async (command) => {
        try {
          const result = await host.fit(command, this.#loggersOf(command), () => this.#openForTraining());
          return { result, lastBatch: this.events.flush() };
        } catch (thrown) {
          return { error: encodeError(thrown), lastBatch: this.events.flush() };
        }
      },
      call: (name, ...args) => host.call(name, args),
      set: (settings) => host.control('trainer.set()').set(settings),
      pause: () => host.control('trainer.pause()').pause(),
      resume: () => host.control('trainer.resume()').resume(),
      step: (count) => host.control('trainer.step()').step(count),
      stop: () => host.stop(),
      disconnect: async () => {
        await leave();
        // After the answer is on its way.
        setTimeout(() => this.close());
      },
    });
    commands.addEventListener('messageerror', () => tell({ type: 'unreadable' }));

    onMessage(signals, (data) => {
      // The other end of this port is `connectTrainer`, which sends nothing else.
      const signal = data as PageSignal;
      switch (signal.type) {
        case 'lifecycle':
          return signalLifecycle(signal.event);
        case 'ping':
          return tell({ type: 'pong' });
        case 'language':
          return speak(signal.language);
        default:
          signal satisfies never;
      }
    });
    void holdLifeLock(connectionId).then((release) => {
      if (this.#isClosed) release?.();
      else this.#releaseLock = release;
      tell({ type: 'connected', holdsLock: release !== undefined });
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.events.flush();
    this.#releaseLock?.();
    void this.#portStore?.close();
    this.#pageLoggers?.close();
    this.#connect.commands.close();
    this.#connect.signals.close();
    this.#connect.storePort.close();
    this.#connect.loggerPort.close();
  }

  #loggersOf({ loggers }: FitCommand): readonly Logger[] {
    if (loggers.length === 0) return [];
    this.#pageLoggers ??= new PageLoggers(this.#connect.loggerPort);
    return this.#pageLoggers.make(loggers);
  }

  async #openForTraining(): Promise<TrainingStore> {
    const store = await this.#openStore();
    return {
      store,
      // Held only as long as it is needed: an idle worker must not stand in the way of who deletes the database.
      release: async () => (store === false || store === this.#portStore ? undefined : store.close()),
    };
  }

  async #openStore(): Promise<MetricStore | false> {
    const { store, storePort } = this.#connect;
    if (store.kind === 'none') return false;
    const named = store.kind === 'named' ? await this.#openNamed(store.name, store.maxBytes) : undefined;
    if (named !== undefined) return named;
    // One for all trainings: a port that was closed cannot be opened again.
    this.#portStore ??= portStore(storePort, store.name ?? defaultStoreName);
    return this.#portStore;
  }

  /** Undefined where this thread gets no database; the page may have one, or has a store in memory. */
  async #openNamed(name: string | undefined, maxBytes: number | undefined): Promise<MetricStore | undefined> {
    const store = await openStore(name, {
      ...(maxBytes === undefined ? {} : { maxBytes }),
      onWarning: ({ key, text }) => {
        // A store in memory is this thread's own and is not used; if the page's is one too, the page says so.
        if (!key.startsWith('memory:')) this.events.add({ name: 'alert', event: { title: sayOfWorker('store'), text, level: 'warn' } });
      },
    });
    if (store.kind === 'indexeddb') return store;
    await store.close();
    return undefined;
  }
}

// Where both ends are in one thread, setting the same again would go round for ever.
function speak(language: Language): void {
  if (JSON.stringify(language) !== JSON.stringify(currentLanguage())) setLanguage(language);
}
