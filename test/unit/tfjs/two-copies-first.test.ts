import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

type Core = typeof import('@tensorflow/tfjs-core');

// In a file of its own: the other order needs a page in which no copy is loaded yet.
test('a copy of TensorFlow.js that came before ours is refused at the first tensor', async () => {
  const require = createRequire(import.meta.url);
  const path = require.resolve('@tensorflow/tfjs-core');
  const first = require(path) as Core; // the package is what it says
  require('@tensorflow/tfjs-backend-cpu');
  delete require.cache[path];
  const tf: Core = await import('@tensorflow/tfjs-core');
  expect(tf.Tensor).not.toBe(first.Tensor);
  const { tfjsEngine } = await import('../../../src/tfjs/engine.ts');
  const refused = (): unknown => tfjsEngine().retain(first.scalar(1), "run.log('loss')");
  expect(refused).toThrow(expect.objectContaining({ code: 'two-copies' }));
});
