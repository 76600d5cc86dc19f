import * as tf from '@tensorflow/tfjs-core';

/**
 * The kernels that a computation needs, found by making it once on the cpu backend, which has them all. Undefined when
 * the cpu backend is not loaded. The cpu backend is the active one afterwards.
 */
export async function kernelsOf(compute: () => void): Promise<readonly string[] | undefined> {
  // The types leave out that an unknown name gives nothing.
  if ((tf.findBackendFactory('cpu') as unknown) == null) return undefined;
  await tf.setBackend('cpu');
  const profile = await tf.profile(() => {
    tf.tidy(compute);
    return tf.scalar(0);
  });
  tf.dispose(profile.result);
  return [...new Set(profile.kernels.map(({ name }) => name))].filter((name) => tf.getKernel(name, 'cpu') !== undefined);
}

/** The kernel that an error of tfjs says is missing; undefined for other errors. */
export function missingKernel(thrown: unknown): string | undefined {
  return thrown instanceof Error ? /registered kernel '(\w+)' for backend/.exec(thrown.message)?.[1] : undefined;
}
