import { afterEach, expect, test } from 'vitest';
import { connectTrainer } from '../../../src/worker/connect-trainer.ts';
import { moduleWorker } from '../../../src/worker/module-worker.ts';

const made: (() => void)[] = [];
afterEach(() => {
  for (const end of made.splice(0)) end();
});

/** A worker that says where it is, as an address of this page's own making. */
function fileOf(script: string): string {
  const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  made.push(() => URL.revokeObjectURL(address));
  return address;
}

function start(...args: Parameters<typeof moduleWorker>): Worker {
  const worker = moduleWorker(...args);
  made.push(() => worker.terminate());
  return worker;
}

const firstMessage = (worker: Worker): Promise<unknown> =>
  new Promise((resolve) => worker.addEventListener('message', ({ data }) => resolve(data), { once: true }));

test('a file of this origin is the worker itself, with the name it is given', async () => {
  const address = fileOf('postMessage([location.href, name])');
  expect(await firstMessage(start(address, { name: 'training' }))).toEqual([address, 'training']);
});

test('a file of another origin is imported by a worker of this one, and hears the first message', async () => {
  // A data address has an origin of its own, as a sandboxed frame has.
  const script = 'onmessage = ({ data }) => postMessage([location.protocol, import.meta.url.slice(0, 5), data])';
  const worker = start(`data:text/javascript,${encodeURIComponent(script)}`);
  worker.postMessage('knock');
  expect(await firstMessage(worker)).toEqual(['blob:', 'data:', 'knock']);
});

test('what is no address, and what is a file on the disk, are refused with the next move', () => {
  expect(() => moduleWorker('http://')).toThrow(
    expect.objectContaining({ code: 'bad-options', message: expect.stringContaining('that is no address') }),
  );
  for (const none of [undefined, 42, {}]) {
    expect(() => moduleWorker(none as never)).toThrow(
      expect.objectContaining({ code: 'bad-options', message: expect.stringContaining('need an address') }),
    );
  }
  expect(() => moduleWorker('file:///train.js')).toThrow(
    expect.objectContaining({ code: 'bad-options', message: expect.stringContaining('Serve its folder') }),
  );
});

async function deathOf(worker: Worker): Promise<{ readonly code: string; readonly message: string }> {
  const trainer = connectTrainer(worker, { store: false });
  // Whatever comes is looked at by the test.
  const error: unknown = await trainer.fit({ config: {} }).catch((thrown: unknown) => thrown);
  return error as { code: string; message: string };
}

test('a worker that does not load is told with the reason', async () => {
  const missing = await deathOf(start('/no/such/file.js?raw'));
  expect(missing.code).toBe('worker-died');
  expect(missing.message).toMatch(/its script (?:was not found|could not be loaded): .*\/no\/such\/file\.js/);
  const silent = await deathOf(start('http://127.0.0.1:9/train.js'));
  expect(silent.message).toContain('nothing answers at http://127.0.0.1:9/train.js');
});

test('a worker that a policy of the page forbids is told with the policy', async () => {
  const frame = document.createElement('iframe');
  made.push(() => frame.remove());
  const module = new URL('../../../src/worker/index.ts', import.meta.url).href;
  frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="worker-src 'none'">
    <script type="module">
      import { connectTrainer, moduleWorker } from ${JSON.stringify(module)};
      let told;
      try {
        told = await connectTrainer(moduleWorker('data:text/javascript,0'), { store: false }).fit({ config: {} });
      } catch (error) {
        told = error.code + ' ' + error.message;
      }
      parent.postMessage({ told }, '*');
    </script>`;
  const told = new Promise<unknown>((resolve) => {
    const hear = ({ data }: MessageEvent): void => {
      if (typeof data !== 'object' || data === null || !('told' in data)) return;
      removeEventListener('message', hear);
      resolve(data.told);
    };
    addEventListener('message', hear);
  });
  document.body.append(frame);
  expect(await told).toMatch(
    /^worker-died .*Content-Security-Policy forbids it \(worker-src\)|^worker-died .*refuses to start a worker here/,
  );
});
