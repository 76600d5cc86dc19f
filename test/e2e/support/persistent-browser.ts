/// <reference types="node" />
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { chromium } from '@playwright/test';
import { chromiumLaunchOptions } from '../../../.ci/chromium.mjs';

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly sessionId?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

type Listener = (event: Answer) => void;

/** A page that does not answer for so long never will: say which question that was. */
const patienceMs = 90_000;
/** The same for a page that has just been made and has nothing to do yet. */
const wakeMs = 10_000;

/**
 * A browser with a profile on disk, which can be killed and started again on the same profile, and whose tabs can be frozen: they
 * are hidden when another one is in front. (Playwright keeps every page visible, and visible pages are never frozen.) It is driven
 * through Chromium's DevTools protocol, over a pipe: https://chromedevtools.github.io/devtools-protocol.
 */
export class PersistentBrowser {
  readonly #profile: string;
  #process: ChildProcess;
  #connection: Connection;

  private constructor(profile: string, process: ChildProcess, connection: Connection) {
    this.#profile = profile;
    this.#process = process;
    this.#connection = connection;
  }

  static async start(): Promise<PersistentBrowser> {
    const profile = await mkdtemp(join(tmpdir(), 'tabtrain-profile-'));
    return new PersistentBrowser(profile, ...(await launch(profile)));
  }

  /** Opens a page and waits for its scripts. */
  async open(url: string): Promise<Tab> {
    const connection = this.#connection;
    for (;;) {
      const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
      const tab = new Tab(connection, String(targetId), String(sessionId));
      // After others were killed, the process that the browser kept ready for it may be dying, too. It is blank so far: what does not
      // answer is the browser, not a page.
      const isAwake = await Promise.race([tab.crashed.then(() => false), tab.isAwake()]);
      const isThere = isAwake && (await Promise.race([tab.crashed.then(() => false), tab.load(url).then(() => true)]));
      if (isThere) return tab;
      tab.close().catch(() => {});
    }
  }

  /** Ends every process that runs pages, as the system does when memory runs out. */
  async killRenderers(): Promise<void> {
    const { processInfo } = await this.#connection.send('SystemInfo.getProcessInfo');
    // Says the protocol.
    for (const { id, type } of processInfo as readonly { readonly id: number; readonly type: string }[]) {
      if (type === 'renderer') kill(id);
    }
  }

  /** Ends the browser without a chance to write anything, and starts it again. */
  async killAndRestart(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
    [this.#process, this.#connection] = await launch(this.#profile);
  }

  async close(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#connection.send('Browser.close').catch(() => {});
    await gone;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One page, in the foreground when it is opened. */
export class Tab {
  readonly #connection: Connection;
  readonly #targetId: string;
  readonly #sessionId: string;
  /** What was written to the console. */
  readonly console: string[] = [];
  /** Resolves when the process of the page is gone. */
  readonly crashed: Promise<unknown>;

  constructor(connection: Connection, targetId: string, sessionId: string) {
    this.#connection = connection;
    this.#targetId = targetId;
    this.#sessionId = sessionId;
    this.crashed = connection.next(({ method, params }) => method === 'Target.targetCrashed' && params?.['targetId'] === targetId);
    connection.listen((event) => {
      if (event.sessionId !== sessionId || event.method !== 'Runtime.consoleAPICalled') return;
      const values = event.params?.['args'] as readonly { readonly value?: unknown }[]; // says the protocol
      this.console.push(values.map(({ value }) => String(value)).join(' '));
    });
  }

  send(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Readonly<Record<string, unknown>>> {
    return this.#connection.send(method, params, this.#sessionId);
  }

  /** False when the process of the page does not answer. */
  isAwake(): Promise<boolean> {
    const answers = ['Page.enable', 'Runtime.enable'].map((method) => this.send(method));
    return inTime(Promise.all(answers), 'the page is not awake', wakeMs).then(
      () => true,
      () => false,
    );
  }

  async load(url: string): Promise<void> {
    await this.goto(url);
  }

  async goto(url: string): Promise<void> {
    const loaded = this.#connection.next((event) => event.sessionId === this.#sessionId && event.method === 'Page.loadEventFired');
    await this.send('Page.navigate', { url });
    await inTime(loaded, `${url} was not loaded`);
  }

  /** Calls a function in the page; it may give back a promise. Arguments and results are plain data. */
  async evaluate<Args extends readonly unknown[], Result>(call: (...args: Args) => Result, ...args: Args): Promise<Awaited<Result>> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression: `(${call.toString()})(${args.map(toSource).join(', ')})`,
      awaitPromise: true,
      returnByValue: true,
    });
    // Both have these forms, says the protocol; the value is what the function has given back.
    const thrown = exceptionDetails as { readonly text: string; readonly exception?: { readonly description?: string } } | undefined;
    if (thrown !== undefined) throw new Error(thrown.exception?.description ?? thrown.text);
    return (result as { readonly value: Awaited<Result> }).value;
  }

  /** Freezes or thaws the page and its workers, as browsers do to tabs that nobody looks at. */
  async setFrozen(isFrozen: boolean): Promise<void> {
    await this.send('Page.setWebLifecycleState', { state: isFrozen ? 'frozen' : 'active' });
  }

  /** Resolves when the process of the page is gone. The answer to what ends it may never come. */
  async crash(how: () => Promise<unknown>): Promise<void> {
    how().catch(() => {});
    await inTime(this.crashed, 'the page did not crash');
  }

  async close(): Promise<void> {
    await this.#connection.send('Target.closeTarget', { targetId: this.#targetId });
  }
}

class Connection {
  readonly #input: Writable;
  readonly #listeners = new Set<Listener>();
  readonly #waiting = new Map<number, { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void }>();
  #lastId = 0;
  #begun = '';
  #isOver = false;

  constructor(process: ChildProcess, input: Writable, output: Readable) {
    this.#input = input;
    input.on('error', () => {}); // told when the process has ended
    output.setEncoding('utf8');
    output.on('data', (piece: string) => this.#hear(piece));
    process.once('exit', () => {
      this.#isOver = true;
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'));
      this.#waiting.clear();
    });
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next event of which this is true. */
  next(isIt: (event: Answer) => boolean): Promise<Answer> {
    return new Promise((resolve) => {
      const stop = this.listen((event) => {
        if (!isIt(event)) return;
        stop();
        resolve(event);
      });
    });
  }

  async send(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    if (this.#isOver) throw new Error(`${method}: the browser has ended`);
    const id = (this.#lastId += 1);
    const { error, result = {} } = await new Promise<Answer>((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error(`${method}: no answer to ${JSON.stringify(params)}`)), patienceMs);
      const done = (settle: () => void): void => {
        clearTimeout(patience);
        settle();
      };
      this.#waiting.set(id, {
        resolve: (answer) => done(() => resolve(answer)),
        reject: (thrown) => done(() => reject(thrown)),
      });
      this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #hear(piece: string): void {
    const messages = (this.#begun + piece).split('\0');
    this.#begun = messages.pop() ?? '';
    for (const message of messages) {
      const answer: Answer = JSON.parse(message);
      if (answer.id === undefined) for (const listener of this.#listeners) listener(answer);
      else this.#waiting.get(answer.id)?.resolve(answer);
      if (answer.id !== undefined) this.#waiting.delete(answer.id);
    }
  }
}

async function launch(profile: string): Promise<[ChildProcess, Connection]> {
  const { args, executablePath = chromium.executablePath() } = chromiumLaunchOptions();
  const flags = ['--remote-debugging-pipe', `--user-data-dir=${profile}`, '--no-default-browser-check', '--disable-features=HttpsUpgrades'];
  // The third and fourth stream are what the browser listens to and speaks on.
  const process = spawn(executablePath, [...args, ...flags, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const connection = new Connection(process, process.stdio[3] as Writable, process.stdio[4] as Readable);
  await connection.send('Target.setDiscoverTargets', { discover: true });
  return [process, connection];
}

async function inTime(work: Promise<unknown>, otherwise: string, ms: number = patienceMs): Promise<void> {
  let patience: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_, reject) => {
    patience = setTimeout(() => reject(new Error(otherwise)), ms);
  });
  await Promise.race([work, end]).finally(() => clearTimeout(patience));
}

/** What makes this value when it is evaluated. JSON has no infinities. */
function toSource(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(toSource).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${JSON.stringify(key)}: ${toSource(one)}`)
      .join(', ')} }`;
  }
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}
