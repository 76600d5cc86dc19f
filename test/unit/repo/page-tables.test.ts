/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as everything from '../../../src/index.ts';
import { type HookRule, hookRules } from '../../../src/core/hook-rules.ts';
import { MetricBase } from '../../../src/metrics/metric-base.ts';
import type { TrainerOptions } from '../../../src/train/trainer.ts';
import { unifiedKinds } from '../../../src/writers/index.ts';

// What pages list is what there is.

const read = (page: string): string => readFileSync(fileURLToPath(new URL(`../../../docs/${page}`, import.meta.url)), 'utf8');

/** The names that stand in backticks in the first column of the tables below a heading. */
function firstColumn(page: string, heading: string): string[] {
  const [, section = ''] = read(page).split(`\n${heading}\n`);
  const [own = ''] = section.split(/\n#+ /);
  const cells = [...own.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

test('the table of hooks is that of the rules', () => {
  const rows = new Map<string, { rule: HookRule; hooks: string[] }>();
  for (const [hook, rule] of Object.entries(hookRules)) {
    const key = JSON.stringify(rule);
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { rule, hooks: [hook] });
    else row.hooks.push(hook);
  }
  const table = [
    '| logged in | `onStep` | `onEpoch` | may say otherwise |',
    '|---|---|---|---|',
    ...[...rows.values()].map(
      ({ rule, hooks }) =>
        `| ${hooks.map((hook) => `\`${hook}\``).join(', ')} | ${rule.onStep} | ${rule.onEpoch} | ${rule.isFixed ? 'no' : 'yes'} |`,
    ),
  ];
  // On failure this is the table to be written.
  expect(read('training.md')).toContain(`\n${table.join('\n')}\n\n`);
});

test('the settings of the loop are all explained, and no others', () => {
  const explained = firstColumn('training.md', '## Settings of the loop').filter((name) => !name.startsWith('new Trainer'));
  // The compiler asks for each of them.
  const settings: Readonly<Record<keyof TrainerOptions, true>> = {
    maxEpochs: true,
    loggers: true,
    callbacks: true,
    on: true,
    logEveryNSteps: true,
    logFirstStep: true,
    logLastStepOfEpoch: true,
    logEverySeconds: true,
    preset: true,
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
  expect(explained).toEqual(Object.keys(settings));
});

test('the kinds of the unified logger are all explained, in its order', () => {
  expect(firstColumn('unified-logger.md', '## Kinds')).toEqual(unifiedKinds);
});

test('the page of metrics names every metric, and none that is not there', () => {
  const classes = Object.entries(everything).flatMap(([name, value]) =>
    typeof value === 'function' && (value as { readonly prototype?: unknown }).prototype instanceof MetricBase && name !== 'Metric'
      ? [name]
      : [],
  );
  const page = read('metrics.md');
  const named = new Set([...page.matchAll(/`([A-Z]\w+)[`(]/g)].map(([, name = '']) => name));
  const stem = (name: string): string => name.replace(/^(?:Binary|Multiclass|Multilabel)/, '');
  expect(classes.filter((name) => !named.has(name) && !named.has(stem(name)))).toEqual([]);
  const stems = new Set([...classes, ...classes.map(stem), ...Object.keys(everything)]);
  expect(
    [...named].filter((name) => /(?:Metric|Accuracy|Score|Error|Coef|Loss|Matrix|ROC|Curve|Precision)$/.test(name) && !stems.has(name)),
  ).toEqual([]);
});
