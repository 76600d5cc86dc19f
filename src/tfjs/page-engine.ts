import type { Engine } from '../core/engine.ts';
import type { KnownTf, PageTensor } from './page-tf.ts';
import { refuseNoScalar } from './scalar-check.ts';
import { twoCopies } from './two-copies-error.ts';

/** As `tfjsEngine()`, for the TensorFlow.js of the page. */
export function pageEngine(tf: KnownTf): Engine<PageTensor> {
  return {
    name: 'tfjs',
    owns: (value): value is PageTensor => value instanceof tf.Tensor,
    retain(value, call) {
      // `instanceof` asks a tensor of another copy for its methods only.
      const made: unknown = Object.getPrototypeOf(value);
      if (made !== tf.Tensor.prototype && made !== tf.Variable.prototype) throw twoCopies(call);
      refuseNoScalar(value, call);
      // One type, so that all of them can be put in one row; kept, so that the page's tidy leaves it alone.
      return tf.tidy(() => tf.keep(value.dtype === 'float32' ? tf.clone(value) : tf.cast(value, 'float32')));
    },
    read: async (values) => Float64Array.from(await readRow(tf, values)),
    release(values) {
      for (const value of values) value.dispose();
    },
  };
}

/** The numbers of tensors, one after the other, in one round trip; on a backend in memory in none. */
export async function readRow(tf: KnownTf, tensors: readonly PageTensor[]): Promise<ArrayLike<number>> {
  // Kept: a read may begin within the page's tidy, and ends after it.
  const row = tf.tidy(() =>
    tf.keep(
      tf.concat(
        tensors.map((tensor) => tf.cast(tf.reshape(tensor, [-1]), 'float32')),
        0,
      ),
    ),
  );
  try {
    return isInMemory(tf.getBackend()) ? row.dataSync() : await row.data();
  } finally {
    // Not before the read has settled: tfjs's WebGPU backend does not wait with disposing.
    row.dispose();
  }
}

function isInMemory(backend: string): boolean {
  return backend === 'cpu' || backend === 'wasm';
}
