import { describe, LogError } from './errors.ts';
import type { GateOptions, NanPolicy } from './hook-log.ts';
import { nearestName } from './nearest-name.ts';

/** What a loop can be told, as plain data: the same in the page and across a worker. Names and meanings are PyTorch Lightning's. */
export interface LoopSettings extends GateOptions {
  /** Add up the gradients of so many batches before the optimizer steps. Default 1. */
  readonly accumulateGradBatches?: number;
  /** Validate after every so many epochs. Default 1. */
  readonly checkValEveryNEpoch?: number;
  /**
   * Validate within an epoch: after every so many batches as a whole number, or after this share of the epoch as a fraction of 1 (which
   * needs data that say their length). Default 1.0: at its end.
   */
  readonly valCheckInterval?: number;
  /** Validation batches tried before training, with nothing logged. Default 0. */
  readonly numSanityValSteps?: number;
  /** At most so many batches per epoch: a whole number, or a fraction of them below 1.0. Default: all. */
  readonly limitTrainBatches?: number;
  /** The same for each validation. */
  readonly limitValBatches?: number;
  /** The same for each test. */
  readonly limitTestBatches?: number;
  /** Make one batch of everything, or so many, with no loggers and no callbacks that stop or save. Default false. */
  readonly fastDevRun?: boolean | number;
  /**
   * What is done with values that are not finite: `keep`, `warn` (kept, with one warning per name), `skip` (left out, with one warning
   * per name), `stop` (kept, and the training stops). Default `warn`.
   */
  readonly nanPolicy?: NanPolicy;
}

// As properties, so that the compiler misses none.
const names: Readonly<Record<keyof LoopSettings, true>> = {
  logEveryNSteps: true,
  preset: true,
  logFirstStep: true,
  logLastStepOfEpoch: true,
  logEverySeconds: true,
  accumulateGradBatches: true,
  checkValEveryNEpoch: true,
  valCheckInterval: true,
  numSanityValSteps: true,
  limitTrainBatches: true,
  limitValBatches: true,
  limitTestBatches: true,
  fastDevRun: true,
  nanPolicy: true,
};

/** The settings of a loop among other options: those that are given. */
export function pickLoopSettings(options: LoopSettings): LoopSettings {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => Object.hasOwn(names, name) && value !== undefined));
}

/** True when everything is only to be tried: see {@link LoopSettings.fastDevRun}. */
export function isFastDevRun({ fastDevRun = false }: LoopSettings): boolean {
  return Number(fastDevRun) > 0;
}

/**
 * Throws `bad-options` for an option that is neither a setting of a loop nor one of `others`, and for settings that are not true or
 * false where they have to be. `call` is the user's, for the message.
 */
export function refuseUnknownSettings(options: LoopSettings, others: readonly string[], call: string): void {
  refuseUnknownNames(options, [...Object.keys(names), ...others], call);
  for (const name of ['logFirstStep', 'logLastStepOfEpoch'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean')
      throw new LogError('bad-options', `${call}({ ${name}: ${describe(value)} }): need true or false.`);
  }
}

/** Throws `bad-options` for options that are no object, or have a name that is not among those known. */
export function refuseUnknownNames(options: unknown, known: readonly string[], call: string): void {
  if (typeof options !== 'object' || options === null)
    throw new LogError('bad-options', `${call}(): the options are ${describe(options)}, need an object such as { ${known[0]}: … }.`);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const meant = nearestName(name, known);
    const hint = meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean '${meant}'?`;
    throw new LogError('bad-options', `${call}(): there is no option '${name}'. ${hint}`);
  }
}
