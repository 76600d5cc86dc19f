import { refuseBadListener, type TrainEventName, type TrainEvents } from '../core/train-events.ts';
import { decodeError } from './error-codec.ts';
import { toLogError } from '../core/errors.ts';
import type { WireEvent } from './protocol.ts';

type Listener<Name extends TrainEventName> = (event: TrainEvents[Name]) => void;
type Listeners = { readonly [Name in TrainEventName]: Set<Listener<Name>> };

/** The page's end of the events: who listens, and which batch has been told. */
export class EventListeners {
  readonly #listeners: Listeners = {
    step: new Set(),
    epoch: new Set(),
    progress: new Set(),
    status: new Set(),
    alert: new Set(),
    error: new Set(),
  };
  readonly #waiting = new Map<() => void, number>();
  #toldBatch = 0;

  /** Throws `bad-options` for an event that there is not. */
  on<Name extends TrainEventName>(name: Name, listener: Listener<Name>): () => void {
    refuseBadListener(name, listener, 'trainer.on()');
    // A function of its own per call: the same listener added twice is told twice and undone once each.
    const own: Listener<Name> = (event) => listener(event);
    this.#listeners[name].add(own);
    return () => void this.#listeners[name].delete(own);
  }

  /** A new worker counts its batches from the start. */
  begin(): void {
    this.#toldBatch = 0;
    this.#waiting.clear();
  }

  hasListener(name: TrainEventName): boolean {
    return this.#listeners[name].size > 0;
  }

  /** Tells all listeners. One that throws is reported as an uncaught error and stops no other. */
  tell<Name extends TrainEventName>(name: Name, event: TrainEvents[Name]): void {
    for (const listener of this.#listeners[name]) {
      try {
        listener(event);
      } catch (thrown) {
        reportError(thrown);
      }
    }
  }

  tellWire(wire: WireEvent): void {
    switch (wire.name) {
      case 'step':
      case 'epoch':
        return this.tell(wire.name, wire.event);
      case 'progress':
        return this.tell(wire.name, wire.event);
      case 'status':
        return this.tell(wire.name, wire.event);
      case 'alert':
        return this.tell(wire.name, wire.event);
      case 'error':
        return this.tell('error', { error: toLogError(decodeError(wire.error), 'training-failed', 'in the worker') });
      default:
        wire satisfies never;
    }
  }

  tellBatch(batch: number, events: readonly WireEvent[]): void {
    for (const event of events) this.tellWire(event);
    this.#toldBatch = batch;
    for (const [wake, wanted] of this.#waiting) {
      if (wanted > batch) continue;
      this.#waiting.delete(wake);
      wake();
    }
  }

  /** Resolves when this batch has been told: signals and answers travel by different ports, in no order of each other. */
  async told(batch: number): Promise<void> {
    if (this.#toldBatch >= batch) return;
    await new Promise<void>((wake) => this.#waiting.set(wake, batch));
  }
}

// Node has no reportError; there an error thrown from a microtask is reported the same way.
function reportError(thrown: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(thrown);
  else
    queueMicrotask(() => {
      throw thrown;
    });
}
