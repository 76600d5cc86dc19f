import * as tf from '@tensorflow/tfjs-core';

/** The kernels that a computation needs, found by making it once on the active backend: the cpu one has them all. */
export async function kernelsOf(compute: () => void): Promise<readonly string[]> {
  let failure: unknown;
  const profile = await tf.profile(() => {
    try {
      tf.tidy(compute);
    } catch (thrown) {
      // Thrown from in here it would leave tfjs profiling for good.
      failure = thrown;
    }
    return tf.scalar(0);
  });
  tf.dispose(profile.result);
  if (failure !== undefined) throw failure as Error; // what tfjs and our checks throw are errors
  const names = new Set(profile.kernels.map(({ name }) => name));
  // Scopes of gradients are in the list too.
  return [...names].filter((name) => tf.getKernel(name, tf.getBackend()) !== undefined);
}

/** The kernel that an error of tfjs says is missing; undefined for other errors. */
export function missingKernel(thrown: unknown): string | undefined {
  return thrown instanceof Error ? /kernel '(\w+)'(?: not registered)? for backend/i.exec(thrown.message)?.[1] : undefined;
}
