import * as tf from '@tensorflow/tfjs-core';
import { twoCopies } from './two-copies-error.ts';

export { twoCopies };

// Copies of tfjs-core share one engine, kernel table and environment through globals, and `instanceof tf.Tensor` asks for
// methods, not for the class: both let tensors of another copy look like ours. What gives a copy away: the engine is
// of the copy that loaded first, and so are all tensors; and each copy that loads puts its own platform object in place.
const loadedPlatform: unknown = tf.env().platform;
const loadedPlatformName: string | undefined = tf.env().platformName;

/** Throws `two-copies` when a value was made by, or lives beside, another copy of tfjs-core than ours. */
export function refuseSecondCopy(value: tf.Tensor, call: string): void {
  const made: unknown = Object.getPrototypeOf(value);
  if ((made === tf.Tensor.prototype || made === tf.Variable.prototype) && !hasNewPlatform()) return;
  throw twoCopies(call);
}

function hasNewPlatform(): boolean {
  const { platform, platformName } = tf.env();
  if (platform === loadedPlatform || platformName !== loadedPlatformName) return false;
  return constructorOf(platform) !== constructorOf(loadedPlatform);
}

function constructorOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? value.constructor : undefined;
}
