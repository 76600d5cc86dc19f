import { describe, LogError } from '../core/errors.ts';
import { LogGate } from '../core/log-gate.ts';
import { isFastDevRun as isTrial, type LoopSettings } from '../core/loop-settings.ts';

/** The settings of a loop with every default filled in. */
export interface LoopPlan {
  readonly settings: LoopSettings;
  readonly maxEpochs: number;
  readonly accumulateGradBatches: number;
  readonly checkValEveryNEpoch: number;
  readonly valCheckInterval: number;
  readonly sanitySteps: number;
  /** Batches at most, or a share of them below 1; `Infinity` for all. */
  readonly limits: { readonly train: number; readonly validate: number; readonly test: number; readonly predict: number };
  readonly isFastDevRun: boolean;
}

/** Checks the settings of a loop. Throws `bad-options`; `call` is the user's, for the message. */
export function planLoop(settings: LoopSettings, maxEpochs: number, call: string): LoopPlan {
  const refuse = (name: string, value: unknown, need: string): never => {
    throw new LogError('bad-options', `${call}({ ${name}: ${describe(value)} }): need ${need}.`);
  };
  const whole = (name: string, value: number, least: number): number =>
    Number.isSafeInteger(value) && value >= least ? value : refuse(name, value, `a whole number of at least ${least}`);
  const share = (name: string, value: number, least: string): number =>
    typeof value === 'number' && value >= 0 && (value < 1 || Number.isSafeInteger(value) || value === Infinity)
      ? value
      : refuse(name, value, `a whole number of batches${least}, or a share of them below 1`);

  whole('maxEpochs', maxEpochs, 1);
  new LogGate(settings);
  const { nanPolicy, fastDevRun = false, valCheckInterval = 1, logEverySeconds = 1 } = settings;
  if (typeof logEverySeconds !== 'number') refuse('logEverySeconds', logEverySeconds, 'seconds above 0');
  if (nanPolicy !== undefined && !['keep', 'warn', 'skip', 'stop'].includes(nanPolicy)) {
    refuse('nanPolicy', nanPolicy, "'keep', 'warn', 'skip' or 'stop'");
  }
  if (typeof fastDevRun !== 'boolean') whole('fastDevRun', fastDevRun, 0);
  if (valCheckInterval === 0)
    refuse('valCheckInterval', 0, 'a whole number of batches, or a share of an epoch; limitValBatches: 0 turns validation off');
  const limit = (name: 'limitTrainBatches' | 'limitValBatches' | 'limitTestBatches'): number => {
    const given = share(name, settings[name] ?? Infinity, '');
    return isFastDevRun ? Number(fastDevRun) : given;
  };
  const isFastDevRun = isTrial(settings);
  const { numSanityValSteps = 0 } = settings;
  if (numSanityValSteps !== -1) whole('numSanityValSteps', numSanityValSteps, 0);
  return {
    settings: isFastDevRun ? { ...settings, logEveryNSteps: 1 } : settings,
    maxEpochs: isFastDevRun ? 1 : maxEpochs,
    accumulateGradBatches: whole('accumulateGradBatches', settings.accumulateGradBatches ?? 1, 1),
    checkValEveryNEpoch: whole('checkValEveryNEpoch', settings.checkValEveryNEpoch ?? 1, 1),
    valCheckInterval: share('valCheckInterval', valCheckInterval, ''),
    sanitySteps: isFastDevRun ? 0 : numSanityValSteps === -1 ? Infinity : numSanityValSteps,
    limits: {
      train: limit('limitTrainBatches'),
      validate: limit('limitValBatches'),
      test: limit('limitTestBatches'),
      predict: isFastDevRun ? Number(fastDevRun) : Infinity,
    },
    isFastDevRun,
  };
}

/** How many batches to make of `total`, at most. Throws `bad-options` for a share of an unknown number, or of too few. */
export function batchesToMake(limit: number, total: number | undefined, name: string): number {
  if (limit === 0 || limit >= 1) return Math.min(limit, total ?? Infinity);
  if (total === undefined) throw unknownLength(name, limit);
  const count = Math.floor(total * limit);
  if (count > 0 || total === 0) return count;
  throw new LogError('bad-options', `fit({ ${name}: ${limit} }): that is less than one of ${total} batches. Raise it.`);
}

/** After how many batches of an epoch validation is due, each time; undefined: when the epoch has no more. Throws `bad-options`. */
export function batchesBetweenValidations(interval: number, total: number | undefined): number | undefined {
  if (interval === 1) return undefined;
  if (interval > 1) {
    if (total === undefined || interval <= total) return interval;
    throw new LogError(
      'bad-options',
      `fit({ valCheckInterval: ${interval} }): an epoch has only ${total} batches. Lower it, or leave it out to validate after each epoch.`,
    );
  }
  if (total === undefined) throw unknownLength('valCheckInterval', interval);
  return Math.max(1, Math.floor(total * interval));
}

/** What needs the number of batches of an epoch, which is not known. */
export function unknownLength(name: string, value: number): LogError {
  return new LogError(
    'bad-options',
    `fit({ ${name}: ${value} }): the data do not say how many batches an epoch has. Give the module stepsPerEpoch, or its batches a length.`,
  );
}

/** A number of batches for people: undefined when it is not known. */
export function finite(count: number): number | undefined {
  return count === Infinity ? undefined : count;
}
