import { LogError } from '../core/errors.ts';

const { tf }: { readonly tf?: unknown } = globalThis as object;
// The part with layers is what a page lacks that has loaded tf-core alone.
if (typeof tf !== 'object' || tf === null || !('LayersModel' in tf)) {
  const found = tf === undefined ? 'there is no globalThis.tf' : 'globalThis.tf has no layers';
  throw new LogError(
    'missing-peer',
    `tabtrain-tfjs.js: ${found}. Load TensorFlow.js before it: <script src="tf.min.js"></script> in the page, import './tf.min.js' in a module worker. ` +
      'Without TensorFlow.js take tabtrain.js.',
  );
}
