/// <reference types="node" />
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A batch as it came in. */
export interface Batch {
  readonly format: string;
  readonly version: number;
  readonly batch: string;
  readonly run: { readonly id: string; readonly project: string; readonly name: string };
  readonly items: readonly Item[];
}

export type Item = { readonly type: string } & Readonly<Record<string, unknown>>;

/**
 * What the server does with the next request: answers with a status, resets the connection before (`reset`) or after it has taken the
 * batch (`deaf`), or says nothing (`hang`).
 */
export type Plan = number | 'reset' | 'deaf' | 'hang' | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

export interface LogServer {
  readonly url: string;
  /** For the requests to come; then 204. */
  readonly plans: Plan[];
  /** Each time that a batch came in, whatever was answered. */
  readonly came: readonly Batch[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** Batches that it took, each once: by id. */
  readonly taken: ReadonlyMap<string, Batch>;
  /** Their items. */
  items(type: string): Item[];
  close(): Promise<void>;
}

/** A server of this machine that takes batches and fails as it is told. */
export async function startLogServer(): Promise<LogServer> {
  const plans: Plan[] = [];
  const came: Batch[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const taken = new Map<string, Batch>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('error', () => {});
    request.on('end', () => {
      const batch = JSON.parse(Buffer.concat(pieces).toString()) as Batch; // looked at by the tests
      came.push(batch);
      headers.push(request.headers);
      const plan = plans.shift() ?? 204;
      const status = typeof plan === 'object' ? plan.status : plan;
      if (plan === 'deaf' || (typeof status === 'number' && status < 300)) taken.set(batch.batch, batch);
      if (plan === 'hang') return;
      if (typeof status !== 'number') return void request.socket.destroy();
      response.writeHead(status, typeof plan === 'object' ? plan.headers : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has one once it listens
  return {
    url: `http://127.0.0.1:${port}/log`,
    plans,
    came,
    headers,
    taken,
    items: (type) => [...taken.values()].flatMap(({ items }) => items.filter((item) => item.type === type)),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
