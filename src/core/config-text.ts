import type { Config } from './run-info.ts';

/** Hyperparameters that were read from a text, with the text as it was written; `readConfig` makes one. */
export interface ConfigText {
  readonly isConfigText: true;
  readonly values: Config;
  readonly text: string;
  readonly format: 'json' | 'yaml';
}

/** True for what `readConfig` gives. */
export function isConfigText(config: unknown): config is ConfigText {
  return typeof config === 'object' && config !== null && 'isConfigText' in config && config.isConfigText === true;
}

/** The facts of a run under which the text of its config is kept as it was written. */
export function configTextFacts({ text, format }: ConfigText): Readonly<Record<string, string>> {
  return { 'config.text': text, 'config.format': format };
}

/** Hyperparameters on top of others; a text stays with them. */
export function withDefaults(
  defaults: Readonly<Record<string, unknown>>,
  config: ConfigText | Readonly<Record<string, unknown>> | undefined,
): ConfigText | Readonly<Record<string, unknown>> {
  // What `startRun` checks anyway.
  return isConfigText(config) ? { ...config, values: { ...defaults, ...config.values } as Config } : { ...defaults, ...config };
}
