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
