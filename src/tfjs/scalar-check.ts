import { LogError } from '../core/errors.ts';

/** Throws `bad-value` for a tensor that is not one number which can be read later. */
export function refuseNoScalar(
  value: { readonly isDisposed: boolean; readonly size: number; readonly shape: readonly number[]; readonly dtype: string },
  call: string,
): void {
  if (value.isDisposed) {
    throw new LogError(
      'bad-value',
      `${call}: got a tensor that has been disposed. Log it before it is disposed, or inside the tidy that makes it.`,
    );
  }
  if (value.size !== 1) {
    throw new LogError(
      'bad-value',
      `${call}: got a tensor of ${value.size} values (shape [${value.shape.join(', ')}]), need one. Take the mean, e.g. tf.mean(value).`,
    );
  }
  if (value.dtype === 'string' || value.dtype === 'complex64') {
    throw new LogError('bad-value', `${call}: got a tensor of type ${value.dtype}, need a number. Log a real number taken from it.`);
  }
}
