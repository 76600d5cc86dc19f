import { describe, LogError } from '../core/errors.ts';
import type { Config, Json } from '../core/run-info.ts';

const saved = new WeakMap<object, Config>();

/** Adds to what `saveHyperparameters` of a module has noted for its runs. */
export function noteHyperparameters(module: object, params: Config): void {
  saved.set(module, { ...saved.get(module), ...params });
}

/**
 * What a module says of itself for the config of its runs: its `hyperparameters`, and those it has saved. Throws `bad-options` when
 * the two give one name different values.
 */
export function hyperparametersOf(module: { readonly hyperparameters?: Readonly<Record<string, Json>> }): Config {
  const declared = module.hyperparameters ?? {};
  const noted = saved.get(module) ?? {};
  for (const [name, value] of Object.entries(noted)) {
    const other = declared[name];
    if (!Object.hasOwn(declared, name) || JSON.stringify(other) === JSON.stringify(value)) continue;
    throw new LogError(
      'bad-options',
      `fit(): the hyperparameter '${name}' is ${describe(other)} in hyperparameters and ${describe(value)} in saveHyperparameters(). Make them one, or leave it out with { ignore: ['${name}'] }.`,
    );
  }
  return { ...declared, ...noted };
}
