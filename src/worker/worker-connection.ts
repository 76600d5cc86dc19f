import { LogError } from '../core/errors.ts';
import { signalLifecycle } from '../run/lifecycle.ts';
import type { MetricStore } from '../store/metric-store.ts';
import { openStore } from '../store/open-store.ts';
import { serveCommands } from './command-link.ts';
import { onMessage } from './endpoint.ts';
import { encodeError } from './error-codec.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { holdLifeLock } from './liveness.ts';
import type { Handshake, PageSignal, StoreReference, TrainerCommands, WorkerSignal } from './protocol.ts';
import { portStore } from './store-port.ts';
import type { TrainingHost } from './training-host.ts';

type Connect = Extract<Handshake, { readonly tabtrain: 'connect' }>;

/** The worker's end of one page's connection. */
export class WorkerConnection {
  readonly events: EventQueue;
  readonly #connect: Connect;
  #store: Promise<MetricStore | false> | undefined;
  #releaseLock: (() => void) | undefined;
  #isClosed = false;

  /** `leave` is called when the page says goodbye; its promise is what the page waits for. */
  constructor(connect: Connect, host: TrainingHost, leave: () => Promise<void>) {
    this.#connect = connect;
    const { commands, signals, connectionId } = connect;
    const tell = (signal: WorkerSignal): void => signals.postMessage(signal);
    this.events = createEventQueue((batch, events) => tell({ type: 'events', batch, events }));

    serveCommands<TrainerCommands>(commands, {
      fit: async (command) => {
        try {
          const result = await host.fit(command, () => this.#openStoreOnce());
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
    this.#store?.then(
      (store) => store !== false && void store.close(),
      () => {},
    );
    this.#connect.commands.close();
    this.#connect.signals.close();
    this.#connect.storePort.close();
  }

  #openStoreOnce(): Promise<MetricStore | false> {
    this.#store ??= this.#openStore().catch((thrown: unknown) => {
      this.#store = undefined;
      throw thrown;
    });
    return this.#store;
  }

  async #openStore(): Promise<MetricStore | false> {
    const { store, storePort } = this.#connect;
    const named = await openNamed(store);
    if (named !== undefined) return named;
    return portStore(storePort, 'name' in store ? (store.name ?? 'tabtrain') : 'tabtrain');
  }
}

/** Undefined where the store has to be reached through the page. */
async function openNamed(reference: StoreReference): Promise<MetricStore | false | undefined> {
  if (reference.kind === 'none') return false;
  // Without IndexedDB openStore() would make a store of this thread's own, which nobody could read.
  if (reference.kind === 'port' || typeof indexedDB === 'undefined') return undefined;
  try {
    const store = await openStore(reference.name);
    if (store.kind === 'indexeddb') return store;
    await store.close();
  } catch (thrown) {
    // Another tab in the way is for the user to hear of. Everything else: the page may be able to do what this thread cannot.
    if (thrown instanceof LogError && thrown.code === 'store-blocked') throw thrown;
  }
  return undefined;
}
