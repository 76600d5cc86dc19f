// A module of TensorFlow.js, which puts it where tabtrain-tfjs.js looks, too.
import * as tf from './tf.fesm.min.js';
globalThis.tf = tf;
export * from './tf.fesm.min.js';
