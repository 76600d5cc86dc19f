/**
 * The file `tabtrain.js` and `tabtrain/tfjs` in one, for pages without a bundler. TensorFlow.js is the page's own, from `globalThis.tf`: load
 * it before, with a `<script>` or, in a module worker, with `import './tf.min.js'`. Fails with `missing-peer` without it. A page
 * takes this file or `tabtrain.js`, not both.
 *
 * @module
 */
import './global-tf.ts';
export * from './tabtrain.ts';
export * from '../tfjs/index.ts';
