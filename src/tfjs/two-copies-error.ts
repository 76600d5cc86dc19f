import { LogError } from '../core/errors.ts';

/** The error for anything of a second copy of TensorFlow.js. */
export function twoCopies(call: string): LogError {
  return new LogError(
    'two-copies',
    `${call}: two copies of TensorFlow.js are loaded in this page, and they do not know each other's classes. ` +
      "Load one: import '@tensorflow/tfjs' from the same bundle and version everywhere, drop the extra <script>, or dedupe '@tensorflow/tfjs-core' in the bundler.",
  );
}
