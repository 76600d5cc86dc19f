import { isConfigText, type ConfigText } from '../core/config-text.ts';
import { instantiate, type Registry } from '../core/instantiate.ts';

/**
 * Builds objects from a declarative config: `{ _target_: 'adam', learningRate: 1e-3 }` becomes what `registry.adam({ learningRate: 1e-3 })`
 * gives, a text `'@model'` what the config has there. See `System.fromConfig`, which builds a whole training so. Throws `bad-options`
 * with the path of what is wrong.
 */
export function instantiateConfig(config: ConfigText | Readonly<Record<string, unknown>>, registry: Registry): unknown {
  return instantiate(isConfigText(config) ? config.values : config, registry, 'instantiateConfig()');
}
