// Trains the demo's network on the real digits in a real browser, exports its weights, and lets evaluate.mjs, which shares
// no code with the training, count what they get right on the official test digits.
//
//   npm run accuracy -- mlp              784-128-10, 3 epochs, the backend chosen by itself
//   npm run accuracy -- cnn --epochs 2 --backend webgl
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { chromiumLaunchOptions } from '../../.ci/chromium.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    epochs: { type: 'string', default: '3' },
    backend: { type: 'string', default: 'auto' },
    digits: { type: 'string', default: '60000' },
    batch: { type: 'string', default: '32' },
    lr: { type: 'string', default: '0.001' },
  },
});
const model = positionals[0] ?? 'mlp';
const config = { model, backend: values.backend, digits: +values.digits, batchSize: +values.batch, epochs: +values.epochs, lr: +values.lr };
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'test-results/accuracy');

const server = await createServer({
  configFile: join(root, 'demo/vite.config.ts'),
  logLevel: 'error',
  cacheDir: join(root, 'node_modules/.vite-accuracy'),
  server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { allow: [root] } },
});
await server.listen();
const browser = await chromium.launch(chromiumLaunchOptions());
try {
  const page = await browser.newPage();
  page.on('console', (message) => console.log(message.text()));
  // An empty page of the demo's own address: its worker and its data are there, its interface is not.
  const origin = `http://127.0.0.1:${server.httpServer.address().port}`;
  await page.route(`${origin}/empty`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>accuracy</title>' }),
  );
  await page.goto(`${origin}/empty`);
  const trained = await page.evaluate(
    async ({ source, config }) => {
      const { connectTrainer } = await import(`${source}/worker/index.ts`);
      const { openStore } = await import(`${source}/index.ts`);
      const store = await openStore('accuracy');
      const worker = new Worker('/mnist/src/training/train.worker.ts', { type: 'module' });
      const trainer = connectTrainer(worker, { store });
      let firstStepAt = 0;
      let backend;
      trainer.on('status', (status) => {
        backend = status.backend ?? backend;
        if (status.phase === 'training' && firstStepAt === 0) firstStepAt = performance.now();
      });
      trainer.on('epoch', ({ epoch, metrics }) => console.log(`epoch ${epoch + 1}`, JSON.stringify(metrics)));
      const began = performance.now();
      const result = await trainer.fit({ project: 'accuracy', config, maxEpochs: config.epochs });
      const ended = performance.now();
      const weights = await trainer.call('weights');
      return {
        backend,
        status: result.status,
        steps: result.step,
        secondsToFirstStep: (firstStepAt - began) / 1000,
        secondsTraining: (ended - firstStepAt) / 1000,
        weights: weights.map(({ name, shape, values }) => ({ name, shape, values: [...values] })),
      };
    },
    { source: `/@fs${root}/src`, config },
  );
  const { weights, ...seen } = trained;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${model}.json`);
  writeFileSync(file, JSON.stringify({ model, weights }));
  console.log(JSON.stringify(seen, null, 2));
  process.exitCode = spawnSync(process.execPath, [join(import.meta.dirname, 'evaluate.mjs'), file], { stdio: 'inherit' }).status ?? 1;
} finally {
  await browser.close();
  await server.close();
}
