import { expose, releaseProxy, transfer as markForComlink, wrap, type Remote } from 'comlink';
import { describe, LogError } from '../core/errors.ts';
import { decodeError, encodeError, type WireError } from './error-codec.ts';
import { transferListOf } from './transfer.ts';

/** Functions that another thread may call, by name. */
export type Commands<C> = { readonly [Name in keyof C]: (...args: never[]) => unknown };

/** The caller's end. The only file that knows Comlink is this one. */
export interface CommandLink<C extends Commands<C>> {
  /**
   * Calls the other thread. Rejects with what was thrown there, or with `bad-value` when the arguments or the result
   * cannot be sent between threads; with `worker-state` once the link is closed here. `call` begins the messages. It does not settle
   * when the other thread dies: whoever watches that thread's life must race it.
   */
  send<Name extends keyof C & string>(call: string, name: Name, ...args: Parameters<C[Name]>): Promise<Awaited<ReturnType<C[Name]>>>;
  /** Lets the port go on both ends. Calls that are pending reject. */
  close(): void;
}

// An envelope of our own keeps class, code and cause of an error without changing Comlink's global handlers.
type Envelope = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: WireError };

interface Service {
  run(name: string, args: readonly unknown[]): Promise<Envelope>;
}

/** Answers calls that arrive at a port until the port is closed. */
export function serveCommands<C extends Commands<C>>(port: MessagePort, commands: C): void {
  const service: Service = {
    async run(name, args) {
      try {
        if (!Object.hasOwn(commands, name)) throw new LogError('internal', `internal: no command ${describe(name)}`);
        // The caller's types are those of `C`; the other thread was built from the same ones.
        const command: (...args: never[]) => unknown = commands[name as keyof C];
        const value = await command(...(args as never[]));
        return markForComlink({ ok: true, value }, transferListOf([value]));
      } catch (thrown) {
        return { ok: false, error: encodeError(thrown) };
      }
    },
  };
  expose(service, port);
}

/** Calls the commands that are served at the other end of a port. */
export function linkCommands<C extends Commands<C>>(port: MessagePort): CommandLink<C> {
  // Comlink lets a port go when its proxy is collected, pending calls included: the link holds it for its whole life.
  let proxy: Remote<Service> | undefined = wrap<Service>(port);
  const pending = new Set<() => void>();
  return {
    async send(call, name, ...args) {
      const isClosed = (): LogError => new LogError('worker-state', `${call}: the connection is closed. Connect again.`);
      if (proxy === undefined) throw isClosed();
      const answer = post(proxy, call, name, args);
      const envelope = await new Promise<Envelope>((resolve, reject) => {
        const giveUp = (): void => reject(isClosed());
        pending.add(giveUp);
        answer.then(resolve, reject).finally(() => pending.delete(giveUp));
      });
      if (!envelope.ok) throw decodeError(envelope.error);
      // What the other end's command of this name resolves to, by the types both ends were built from.
      return envelope.value as never;
    },
    close() {
      if (proxy === undefined) return;
      // The release asks for an answer that never comes from a dead thread, so it is not waited for.
      proxy[releaseProxy]();
      proxy = undefined;
      port.close();
      for (const giveUp of pending) giveUp();
      pending.clear();
    },
  };
}

async function post(proxy: Remote<Service>, call: string, name: string, args: readonly unknown[]): Promise<Envelope> {
  try {
    return await proxy.run(name, markForComlink([...args], transferListOf(args)));
  } catch (thrown) {
    // The service catches everything, so what is left is that something cannot be cloned, here or on the way back.
    const which = thrown instanceof Error && thrown.name === 'DataCloneError' ? 'an argument' : 'what it gave back';
    throw new LogError(
      'bad-value',
      `${call}: ${which} cannot be sent between threads. Use plain values or typed arrays, no functions, tensors or elements.`,
      { cause: thrown },
    );
  }
}
