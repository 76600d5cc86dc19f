import { isPlainObject, toConfig } from '../core/config.ts';
import { type ConfigText, isConfigText } from '../core/config-text.ts';
import { describe, LogError } from '../core/errors.ts';
import { instantiate, type Registry } from '../core/instantiate.ts';
import type { SystemOptions } from './system-options.ts';

const call = 'System.fromConfig()';
const required = ['model', 'optimizer', 'loss', 'train'] as const;
const known: ReadonlySet<string> = new Set<keyof SystemOptions>([
  ...required,
  'metrics',
  'validation',
  'test',
  'batchSize',
  'shuffle',
  'seed',
  'learningRate',
  'backend',
]);

/** The options of a system as a declarative config has them, and the whole config as hyperparameters. Throws `bad-options`. */
export function systemOptionsFrom(config: ConfigText | Readonly<Record<string, unknown>>, registry: Registry): SystemOptions {
  const values = isConfigText(config) ? config.values : config;
  if (!isPlainObject(values))
    throw new LogError(
      'bad-options',
      `${call}: the config is ${describe(values)}, need an object with a model, an optimizer, a loss and train.`,
    );
  const hasPart = isPlainObject(values['system']);
  const path = hasPart ? 'config.system' : 'config';
  const node = hasPart ? (values['system'] as Readonly<Record<string, unknown>>) : values; // looked at in the line before
  for (const name of required) {
    if (node[name] === undefined)
      throw new LogError('bad-options', `${call}: ${path}.${name} is missing. A system needs ${required.join(', ')}.`);
  }
  // What stands beside them in a config with a part for the system is somebody else's, such as the trainer's.
  const unknown = Object.keys(node).find((name) => !known.has(name));
  if (hasPart && unknown !== undefined) {
    throw new LogError('bad-options', `${call}: ${path}.${unknown} is not known. A system has ${[...known].join(', ')}.`);
  }
  const own = Object.fromEntries(Object.entries(node).filter(([name]) => known.has(name)));
  const built = hasPart ? { ...values, system: own } : { ...values, ...own };
  const made = instantiate(built, registry, call) as Readonly<Record<string, unknown>>; // an object gives an object
  const options = hasPart ? made['system'] : Object.fromEntries(Object.entries(made).filter(([name]) => known.has(name)));
  return {
    ...(options as SystemOptions), // checked by the system itself
    hyperparameters: toConfig(values, call),
    ...(isConfigText(config) ? { configText: config } : {}),
  };
}
