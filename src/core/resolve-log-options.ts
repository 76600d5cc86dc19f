import { describe, LogError } from './errors.ts';
import { type Hook, hookRules, isLoggingHook } from './hook-rules.ts';
import { nearestName } from './nearest-name.ts';
import type { HookLogOptions, LogOptions, Reduction, ResolvedLogOptions } from './log-options.ts';

const defaults: ResolvedLogOptions = {
  step: undefined,
  onStep: true,
  onEpoch: false,
  reduceFx: 'mean',
  batchSize: undefined,
  separator: '_',
  isReduced: false,
  progBar: false,
  logger: true,
  addDataloaderIdx: true,
  metricAttribute: undefined,
};
const reductions: Readonly<Record<string, Reduction>> = { mean: 'mean', avg: 'mean', sum: 'sum', min: 'min', max: 'max' };

/** Fills in the defaults of `run.log` and refuses what makes no sense. `call` is the user's call, for the message. */
export function resolveLogOptions(options: LogOptions | undefined, call: () => string): ResolvedLogOptions {
  if (options === undefined) return defaults;
  refuseUnknown(options, call);
  const onEpoch = options.onEpoch ?? false;
  return resolve(options, options.onStep ?? !onEpoch, onEpoch, call);
}

/**
 * Fills in the defaults of a hook and refuses what the hook may not do: the table of PyTorch Lightning. Throws `wrong-hook` in hooks that
 * may not log, `bad-options` else.
 */
export function resolveHookOptions(hook: Hook, options: HookLogOptions | undefined, call: () => string): ResolvedLogOptions {
  if (!isLoggingHook(hook)) {
    throw new LogError(
      'wrong-hook',
      `${call()}: nothing can be logged in ${hook}. Log in a step or an epoch hook, or use the run itself: run.log().`,
    );
  }
  const rule = hookRules[hook];
  if (options === undefined) return resolvedRules[rule.onStep ? 'step' : 'epoch'];
  refuseUnknown(options, call);
  if ('step' in options && options.step !== undefined) {
    throw new LogError(
      'bad-options',
      `${call()}: hooks know their step. Log a value named 'step' to place the row elsewhere, or use run.log().`,
    );
  }
  const onStep = options.onStep ?? rule.onStep;
  const onEpoch = options.onEpoch ?? rule.onEpoch;
  if (rule.isFixed && (onStep !== rule.onStep || onEpoch !== rule.onEpoch)) {
    const wrong = onStep === rule.onStep ? `onEpoch: ${onEpoch}` : `onStep: ${onStep}`;
    throw new LogError(
      'bad-options',
      `${call()}: { ${wrong} } is not allowed in ${hook}, where only onStep: ${rule.onStep}, onEpoch: ${rule.onEpoch} is. Leave both out.`,
    );
  }
  return resolve(options, onStep, onEpoch, call);
}

const resolvedRules = {
  step: defaults,
  epoch: { ...defaults, onStep: false, onEpoch: true },
} as const satisfies Readonly<Record<string, ResolvedLogOptions>>;

const flags = ['onStep', 'onEpoch', 'progBar', 'addDataloaderIdx', 'enableGraph', 'syncDist', 'rankZeroOnly'] as const;
const known: ReadonlySet<string> = new Set<keyof LogOptions>([
  ...flags,
  'step',
  'reduceFx',
  'batchSize',
  'logger',
  'separator',
  'metricAttribute',
  'syncDistGroup',
]);

function refuseUnknown(options: unknown, call: () => string): void {
  if (typeof options !== 'object' || options === null) {
    const hint = typeof options === 'number' ? `Write { step: ${String(options)} }.` : 'Leave them out, or pass an object.';
    throw new LogError('bad-options', `${call()}: the options are ${describe(options)}, need an object such as { step: 10 }. ${hint}`);
  }
  for (const name in options) {
    if (known.has(name)) continue;
    const meant = nearestName(name, known);
    const hint = meant === undefined ? `There are: ${[...known].join(', ')}` : `Did you mean '${meant}'?`;
    throw new LogError('bad-options', `${call()}: there is no option '${name}'. ${hint}${meant === undefined ? '.' : ''}`);
  }
}

function refuseWrongTypes(options: LogOptions, call: () => string): void {
  for (const name of flags) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean') {
      throw new LogError('bad-options', `${call()}: ${name} is ${describe(value)}, need true or false.`);
    }
  }
  const { separator, metricAttribute } = options as { readonly separator?: unknown; readonly metricAttribute?: unknown }; // looked at as they are
  if (separator !== undefined && separator !== '_' && separator !== '/') {
    throw new LogError('bad-options', `${call()}: separator is ${describe(separator)}, need '_' or '/'.`);
  }
  if (metricAttribute !== undefined && typeof metricAttribute !== 'string') {
    throw new LogError('bad-options', `${call()}: metricAttribute is ${describe(metricAttribute)}, need a name.`);
  }
}

function resolve(options: LogOptions, onStep: boolean, onEpoch: boolean, call: () => string): ResolvedLogOptions {
  refuseWrongTypes(options, call);
  const { step, batchSize, separator = '_', reduceFx: given = 'mean', logger = true } = options;
  if (!onStep && !onEpoch) {
    throw new LogError('bad-options', `${call()}: nothing would be recorded, onStep and onEpoch are both false. Set one of them.`);
  }
  if (step !== undefined && !Number.isSafeInteger(step)) {
    throw new LogError('bad-options', `${call()}: step is ${describe(step)}, need an integer. Round it, or log it as a value.`);
  }
  if (batchSize !== undefined && (typeof batchSize !== 'number' || !(batchSize >= 0) || batchSize === Infinity)) {
    throw new LogError('bad-options', `${call()}: batchSize is ${describe(batchSize)}, need a count of samples.`);
  }
  const name = typeof given === 'string' ? given.toLowerCase() : '';
  const reduceFx = typeof given === 'function' ? given : Object.hasOwn(reductions, name) ? reductions[name] : undefined;
  if (reduceFx === undefined) {
    throw new LogError(
      'bad-options',
      `${call()}: reduceFx is ${describe(given)}, need 'mean', 'sum', 'min' or 'max', or a function of values and weights. For anything else log a Metric.`,
    );
  }
  if (typeof logger !== 'boolean' && !(Array.isArray(logger) && logger.every((one) => typeof one === 'string'))) {
    throw new LogError('bad-options', `${call()}: logger is ${describe(logger)}, need true, false, or names of loggers such as ['csv'].`);
  }
  return {
    step,
    onStep,
    onEpoch,
    reduceFx,
    batchSize,
    separator,
    isReduced: options.reduceFx !== undefined,
    progBar: options.progBar ?? false,
    logger,
    addDataloaderIdx: options.addDataloaderIdx ?? true,
    metricAttribute: options.metricAttribute,
  };
}
