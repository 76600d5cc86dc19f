import { isPlainObject, toConfig } from '../core/config.ts';
import type { ConfigText } from '../core/config-text.ts';
import { describe, LogError, toLogError } from '../core/errors.ts';
import { parseYaml } from '../formats/parse-yaml.ts';

/** Texts in quotes, so that nothing is found in them, and the numbers that JSON lacks. */
const bareNaN = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * Reads hyperparameters from JSON or YAML text. Given to `startRun({ config })` the values become the run's config, and the text is kept
 * with it as it was written. YAML means YAML 1.2: `1e-3` is a number, `yes` and `2020-01-01` are texts. Throws `bad-options` with what
 * the parser says (of YAML with the line) where it cannot be read, or when the text is no map of names and values.
 *
 * ```ts
 * const config = readConfig(await (await fetch('config.yaml')).text());
 * const run = await startRun({ project: 'mnist', config });
 * ```
 */
export function readConfig(text: string, { format }: { readonly format?: 'json' | 'yaml' } = {}): ConfigText {
  if (typeof text !== 'string') throw new LogError('bad-options', `readConfig(${describe(text)}): need the text of a JSON or YAML file.`);
  // What Python's json.dumps writes: YAML would take these for texts.
  const hasBareNaN =
    /^\s*\{/.test(text) && !isJson(text) && isJson(text.replace(bareNaN, (found) => (found.startsWith('"') ? found : '0')));
  if (hasBareNaN && format !== 'yaml') {
    throw new LogError('bad-options', 'readConfig() as JSON: JSON has no NaN and no Infinity. Write null, or .nan and .inf in YAML.');
  }
  // Text that begins as JSON does is read as such, for the better message.
  const chosen = format ?? (/^\s*\{/.test(text) && isJson(text) ? 'json' : 'yaml');
  const call = `readConfig() as ${chosen === 'json' ? 'JSON' : 'YAML'}`;
  let values: unknown;
  try {
    values = chosen === 'json' ? JSON.parse(text) : parseYaml(text);
  } catch (thrown) {
    throw toLogError(thrown, 'bad-options', call);
  }
  // An empty file, or one of comments alone.
  values ??= {};
  if (!isPlainObject(values)) {
    throw new LogError('bad-options', `${call}: the text holds ${describe(values)}, need names and values such as 'lr: 1e-3'.`);
  }
  return { isConfigText: true, values: toConfig(values, call), text, format: chosen };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
