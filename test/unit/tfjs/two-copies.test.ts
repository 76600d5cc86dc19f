import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

type Core = typeof import('@tensorflow/tfjs-core');

/** Loads a copy of tfjs-core that shares nothing with others but the globals of the page. */
function loadCopy(): Core {
  const require = createRequire(import.meta.url);
  const path = require.resolve('@tensorflow/tfjs-core');
  const known = require.cache[path];
  delete require.cache[path];
  const copy = require(path) as Core; // the package is what it says
  delete require.cache[path];
  if (known !== undefined) require.cache[path] = known;
  return copy;
}

// One test: each copy that loads changes the page for good, so the order counts.
test('a second copy of TensorFlow.js is refused at the first tensor, whichever came first', async () => {
  const tf: Core = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  const { tfjsEngine } = await import('../../../src/tfjs/engine.ts');
  const engine = tfjsEngine();
  const alone = engine.retain(tf.scalar(1), 'run.log');
  expect([...(await engine.read([alone]))]).toEqual([1]);

  const second = loadCopy();
  expect(second.Tensor).not.toBe(tf.Tensor);
  // The copies share their engine: this tensor is of our own class, made for the other copy.
  const refused = (): unknown => engine.retain(second.scalar(1), "run.log('loss')");
  expect(refused).toThrow(expect.objectContaining({ code: 'two-copies' }));
  expect(refused).toThrow("run.log('loss')");
  expect(refused).toThrow('Load one');
});
