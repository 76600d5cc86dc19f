/// <reference types="node" />
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program of docs/recipes/receiver.md that is running. */
export interface ReceiverProgram {
  /** Ends in `/`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs a program of docs/recipes/receiver.md as it stands there, in `folder`, by default on a free port of this machine. It keeps things in `folder/kept`. */
export async function startProgram(
  name: 'receiver.mjs' | 'files.mjs' | 'receiver.py',
  folder: string,
  env: Readonly<Record<string, string>> = {},
  wanted?: number,
): Promise<ReceiverProgram> {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/recipes/receiver.md', import.meta.url)), 'utf8');
  const fences = [...page.matchAll(/^```(?:js|python)\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  const program = fences.find((text) => text.startsWith(`// ${name}`) || text.startsWith(`# ${name}`));
  if (program === undefined) throw new Error(`no ${name} in docs/recipes/receiver.md`);
  writeFileSync(join(folder, name), program);
  mkdirSync(join(folder, 'kept'), { recursive: true });
  const port = wanted ?? (await freePort());
  const command = name.endsWith('.py') ? (process.env['TABTRAIN_PYTHON'] ?? 'python3') : process.execPath;
  const child = spawn(command, [name, String(port), 'kept'], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}/`;
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (!(await answers(url))) if (isOver) throw new Error(`${name} ended at once:\n${errors}`);
  return {
    url,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** The lines that a receiver keeps in its folder. */
export function keptLines(folder: string): string[] {
  return readdirSync(join(folder, 'kept')).flatMap((name) =>
    readFileSync(join(folder, 'kept', name), 'utf8')
      .trimEnd()
      .split('\n'),
  );
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { method: 'OPTIONS' }).then(
    ({ ok }) => ok,
    () => new Promise((resolve) => setImmediate(() => resolve(false))),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return bound.port;
}
