import { isPlainObject, toConfig } from '../core/config.ts';
import { type ConfigText, isConfigText } from '../core/config-text.ts';
import { describe, LogError } from '../core/errors.ts';
import { instantiate, type Registry } from '../core/instantiate.ts';
import { nearestName } from '../core/nearest-name.ts';
import { refuseBadOptions, type SystemOptions } from './system-options.ts';

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
  'wasmPaths',
  'setWasmPaths',
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
  for (const name of Object.keys(node)) {
    if (known.has(name)) continue;
    const meant = nearestName(name, known);
    // Without a part for the system anything may stand beside its options, but for a long name that is nearly one that is missing.
    const isMistyped = meant !== undefined && meant.length > 5 && node[meant] === undefined;
    if (!hasPart && !isMistyped) continue;
    const hint = meant === undefined ? '' : ` Did you mean '${meant}'?`;
    throw new LogError('bad-options', `${call}: ${path}.${name} is not known.${hint} A system has ${[...known].join(', ')}.`);
  }
  for (const name of required) {
    if (node[name] === undefined)
      throw new LogError('bad-options', `${call}: ${path}.${name} is missing. A system needs ${required.join(', ')}.`);
  }
  const own = Object.fromEntries(Object.entries(node).filter(([name]) => known.has(name)));
  const built = hasPart ? { ...values, system: own } : { ...values, ...own };
  const made = instantiate(built, registry, call) as Readonly<Record<string, unknown>>; // an object gives an object
  const options = (
    hasPart ? made['system'] : Object.fromEntries(Object.entries(made).filter(([name]) => known.has(name)))
  ) as SystemOptions; // looked at in the next line, the rest by the system itself
  refuseBadOptions(options, (name, value) => `${call}: ${path}.${name} is ${describe(value)}`);
  return {
    ...options,
    hyperparameters: toConfig(values, call),
    ...(isConfigText(config) ? { configText: config } : {}),
  };
}
