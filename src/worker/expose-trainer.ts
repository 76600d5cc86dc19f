import { toLogError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Json } from '../core/run-info.ts';
import type { Trainable } from '../core/trainable.ts';
import type { EmitTrainEvent, TrainEventName, TrainEvents } from '../core/train-events.ts';
import { type Endpoint, onMessage, workerScope } from './endpoint.ts';
import { encodeError } from './error-codec.ts';
import { type Handshake, protocolVersion, type WireEvent } from './protocol.ts';
import { type FitInfo, TrainingHost } from './training-host.ts';
import { WorkerConnection } from './worker-connection.ts';

/** Functions that the page may call with the current model as their first argument. */
export type TrainerCalls<Model> = Readonly<Record<string, (model: Model, ...args: never[]) => unknown>>;

/** What {@link exposeTrainer} takes beside the function that makes a model. */
export interface ExposeOptions<Calls> {
  /** What the page may ask of the model, by name: `classify: (digits, images: Float32Array) => digits.predict(images)`. */
  readonly calls?: Calls;
  /** Makes the loggers of one training: they live in the worker, beside those of the page. Default: none. */
  readonly loggers?: (fit: FitInfo) => readonly Logger[];
  /** Makes the `Callback`s of one training, in order, for a model that takes some: a `System`. Default: none. */
  readonly callbacks?: (fit: FitInfo) => readonly object[];
  /** Served instead of the worker's own channel, for a trainer that is not in a worker of its own. */
  readonly port?: MessagePort;
}

declare const types: unique symbol;

/** A worker's trainer. Its type is what `connectTrainer<typeof api>` reads config and calls from. */
export interface ExposedTrainer<Config, Model, Calls> {
  /** Never there when the program runs. */
  readonly [types]?: { readonly config: Config; readonly model: Model; readonly calls: Calls };
  /** Stops the training, frees the model, ends all connections. */
  close(): Promise<void>;
}

/**
 * In a worker's file: offers training to the page that made the worker. `make` is called with the page's config for each
 * `fit`, and the model before is disposed of. Throws `worker-state` in a page.
 *
 * ```ts
 * export const api = exposeTrainer((config: { lr: number }) => makeDigits(config), {
 *   calls: { classify: (digits, images: Float32Array) => digits.predict(images) },
 * });
 * ```
 */
export function exposeTrainer<
  Config extends { readonly [Key in keyof Config]: Json | undefined },
  Model extends Trainable,
  Calls extends TrainerCalls<Model>,
>(make: (config: Config) => Model | Promise<Model>, options: ExposeOptions<Calls> = {}): ExposedTrainer<Config, Model, Calls> {
  const endpoint: Endpoint = options.port ?? workerScope('exposeTrainer()');
  const connections = new Set<WorkerConnection>();
  const send = (event: WireEvent): void => {
    for (const connection of connections) connection.events.add(event);
  };
  const emit: EmitTrainEvent = (name, event) => send(toWire(name, event));
  const { calls = {}, loggers, callbacks } = options;
  const host = new TrainingHost({ make, calls, loggers, callbacks, emit });

  const sayReady = (): void => endpoint.postMessage({ tabtrain: 'ready', version: protocolVersion } satisfies Handshake, []);
  const forgetMessages = onMessage(endpoint, (data) => {
    if (!isHandshake(data)) return;
    if (data.tabtrain === 'knock') sayReady();
    if (data.tabtrain !== 'connect') return;
    const connection: WorkerConnection = new WorkerConnection(data, host, async () => {
      connections.delete(connection);
      if (connections.size === 0) await host.stop('the page closed its connection');
    });
    connections.add(connection);
  });
  const forgetErrors = options.port === undefined ? forwardUncaught(endpoint, send) : () => {};
  sayReady();

  return {
    async close() {
      forgetMessages();
      forgetErrors();
      await host.dispose();
      for (const connection of connections) connection.close();
      connections.clear();
    },
  };
}

/** Errors that nobody catches in the worker reach the page as events; the browser reports them as usual, too. */
function forwardUncaught(scope: Endpoint, send: (event: WireEvent) => void): () => void {
  const forward = (event: Event): void => {
    const thrown: unknown = 'reason' in event ? event.reason : 'error' in event ? event.error : undefined;
    const what =
      'reason' in event
        ? 'a promise was rejected in the worker and nobody caught it'
        : 'an error was thrown in the worker and nobody caught it';
    send({
      name: 'error',
      error: encodeError(toLogError(thrown ?? ('message' in event ? event.message : event.type), 'training-failed', what)),
    });
  };
  scope.addEventListener('error', forward);
  scope.addEventListener('unhandledrejection', forward);
  return () => {
    scope.removeEventListener('error', forward);
    scope.removeEventListener('unhandledrejection', forward);
  };
}

function toWire<Name extends TrainEventName>(name: Name, event: TrainEvents[Name]): WireEvent {
  if ('error' in event) return { name: 'error', error: encodeError(event.error) };
  // Name and event belong together by this function's own types; the checker does not follow that into a union.
  return { name, event } as unknown as WireEvent;
}

function isHandshake(data: unknown): data is Handshake {
  return typeof data === 'object' && data !== null && 'tabtrain' in data;
}
