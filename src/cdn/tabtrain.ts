/**
 * Everything of tabtrain that needs no TensorFlow.js, in one file for pages without a bundler: what `tabtrain` and all its entries
 * export, Chart.js included. An import map may give every entry this one file, so a name means one thing in all of them.
 *
 * @module
 */
export * from '../index.ts';
export * from '../config/index.ts';
export * from '../export/index.ts';
export * from '../import/index.ts';
export * from '../languages/de.ts';
export * from '../loggers/index.ts';
export * from '../panel/index.ts';
export * from '../tfjs/fit.ts';
export * from '../worker/index.ts';
export * from '../writers/index.ts';
