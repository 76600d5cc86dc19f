import { defineWords, type Say } from './words.ts';

// Several parts of one table, so that a page loads those that it may have to say.

/** What logging from a loop of one's own warns of. */
export const runTexts = {
  'no-batch-value':
    '{call}: the metric was only updated, so it has no value for the step. Log it with { onEpoch: true }, or get its value by calling it: await metric(preds, target).',
  'two-metrics': '{call}: two metric objects are logged under this name; only the last is computed and reset. Give each a name of its own.',
  'logger-late':
    "logger '{name}' has not answered {verb}() for {seconds} seconds and is not waited for: what it has not sent by the end may be missing there. Everything else goes on.",
  'no-logger': "log(…, { logger: ['{name}'] }): no logger has this name, so it gets nothing. There are: {names}.",
  'many-tags': "this run has more than {most} tags; '{name}' is the newest. Log what varies as the step or the value, not in the name.",
  repeated:
    "run.log('{name}'): logged twice on step {step}; the last value counts. Call run.endStep() after each step, pass { step }, or pass { reduceFx: 'mean' }.",
  stuck:
    "run.log('{name}'): logged {times} times on step {step}, so only the last value of each write is kept. Call run.endStep() after each step, or pass { step }.",
  overhead:
    'logging takes {share} % of the time of a step ({own} of {all} ms){causes}. Log fewer values, or not in every step: run.every(n, …), or logEveryNSteps of the trainer.',
  'overhead-causes': ', most of it for: {causes}',
  'overhead-logger': "logger '{name}' ({ms} ms a step)",
  'overhead-scalars': '{count} scalars read back from the GPU a step',
  'overhead-numbers': '{count} numbers logged a step',
} as const;

/** Says what logging from a loop of one's own warns of. */
export const sayOfRun: Say<typeof runTexts> = /* @__PURE__ */ defineWords('core', runTexts);

/** What logging from hooks warns of. */
export const hookTexts = {
  'ambiguous-batch-size': '{call}: the parts of the batch have different sizes; {size} is taken. Pass { batchSize }.',
  'silent-epoch':
    'logEveryNSteps is {every} and an epoch has {steps} steps, so most epochs have none that is logged. Make it smaller, or leave out the preset.',
  'not-finite': "log('{name}') in {hook}: the value is {value}",
  'not-finite-kept': '{what}. It is kept; further ones of this name are not told.',
  'not-finite-left-out': '{what}. It is left out; further ones of this name are not told.',
  'not-finite-stop': '{what}. It is kept, and the training stops; further ones of this name are not told.',
  'same-name': "{call}: {hook} logs '{name}', too; where both have a value this one counts. Choose another name for one of them.",
  misnamed: "{call}: names get '_step' and '_epoch' by themselves. Leave them out, so that charts and callbacks find the value.",
} as const;

/** Says what logging from hooks warns of. */
export const sayOfHooks: Say<typeof hookTexts> = /* @__PURE__ */ defineWords('core', hookTexts);

/** What progress bars warn of. */
export const barWarningTexts = {
  'bar:v_num': "log('v_num', …, { progBar: true }): the progress bar shows the version of the logger by this name. Choose another one.",
} as const;

/** Says what progress bars warn of. */
export const sayOfBarItems: Say<typeof barWarningTexts> = /* @__PURE__ */ defineWords('core', barWarningTexts);

/** The words in a progress bar's line. */
export const barTexts = {
  'bar-train': 'Epoch {epoch}',
  'bar-sanity': 'Sanity Checking DataLoader {loader}',
  'bar-validate': 'Validation DataLoader {loader}',
  'bar-test': 'Testing DataLoader {loader}',
  'bar-predict': 'Predicting DataLoader {loader}',
} as const;

/** Says the words in a progress bar's line. */
export const sayOfBar: Say<typeof barTexts> = /* @__PURE__ */ defineWords('core', barTexts);
