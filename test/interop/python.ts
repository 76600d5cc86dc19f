/// <reference types="node" />
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

const python = process.env['TABTRAIN_PYTHON'] ?? 'python3';

/** Runs a program in `folder` and gives back what it printed. Throws when it fails. */
export function runPython(program: string, folder: string): string {
  return execFileSync(python, ['-c', program], { cwd: folder, encoding: 'utf8', env: { ...process.env, PYTHONIOENCODING: 'utf8' } });
}

/** A TensorBoard that shows a folder. */
export interface TensorBoard {
  /** The JSON of a route below `/data/`. */
  data(route: string, query?: Readonly<Record<string, string>>, body?: unknown): Promise<unknown>;
  /** Ends it and gives back the lines of its standard error. */
  close(): Promise<string[]>;
}

/** Starts TensorBoard on the loopback address and resolves when it answers. */
export async function startTensorBoard(folder: string, loader: 'fast' | 'slow', samples: string): Promise<TensorBoard> {
  const port = await freePort();
  const args = ['-m', 'tensorboard.main', '--logdir', folder, '--host', '127.0.0.1', '--port', String(port)];
  args.push(`--load_fast=${loader === 'fast'}`, '--samples_per_plugin', samples, '--reload_interval', '1');
  const child = spawn(python, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let errors = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
      if (errors.includes('Press CTRL+C to quit')) resolve();
    });
    child.once('close', () => reject(new Error(`TensorBoard ended at once:\n${errors}`)));
  });
  return {
    async data(route, query = {}, body) {
      const url = `http://127.0.0.1:${port}/data/${route}?${new URLSearchParams(query)}`;
      const asked =
        body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
      const answer = await fetch(url, asked);
      if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
      return await answer.json();
    },
    async close() {
      child.kill('SIGTERM');
      await ended;
      return errors.split('\n').filter((line) => line.trim() !== '');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has one once it listens
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
