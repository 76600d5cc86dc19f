/** Hyperparameters from JSON or YAML text, and objects from declarative configs. */
export type { ConfigText } from '../core/config-text.ts';
export { instantiateConfig } from './instantiate-config.ts';
export type { Registry } from '../core/instantiate.ts';
export { readConfig } from './read-config.ts';
