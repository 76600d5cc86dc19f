import { describe, LogError } from './errors.ts';

/** Throws `bad-options` for options that are none, or have a name that is not known. */
export function refuseUnknown(call: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new LogError('bad-options', `${call}(…, ${describe(options)}): need an object.`);
  const name = Object.keys(options).find((one) => !known.includes(one));
  if (name === undefined) return;
  throw new LogError('bad-options', `${call}(): there is no option '${name}'. There are: ${known.join(', ')}.`);
}

/** Throws `bad-options` unless an option is fine. `needed`: what it has to be, in words. */
export function needOption(call: string, name: string, value: unknown, isFine: boolean, needed: string): void {
  if (!isFine) throw new LogError('bad-options', `${call}({ ${name}: ${describe(value)} }): need ${needed}.`);
}

/** Throws `bad-options` unless an option is a number above 0. */
export function needPositive(call: string, name: string, value: unknown): void {
  needOption(call, name, value, typeof value === 'number' && value > 0, 'a number above 0');
}
