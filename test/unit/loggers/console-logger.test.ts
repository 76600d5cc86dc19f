import { expect, test } from 'vitest';
import { ConsoleLogger, type ConsoleLoggerOptions } from '../../../src/loggers/index.ts';
import { at, runInfo } from './rows.ts';

function logging(options: ConsoleLoggerOptions = {}) {
  const lines: string[] = [];
  const logger = new ConsoleLogger({ print: (line) => lines.push(line), ...options });
  logger.start(runInfo);
  return { lines, logger };
}

test('prints one line for each row, tags of one folder together', async () => {
  const { lines, logger } = logging();
  logger.logHyperparams({ lr: 0.001, layers: [{ units: 128 }] });
  logger.logMetrics({ 'train/loss': 0.312_25, 'val/loss': 12, 'train/lr': 1e-7, reward: NaN }, at(40));
  logger.logMetrics({ 'train/loss/epoch': 0.41 }, at(49, { epoch: 3, rhythm: 'epoch' }));
  await logger.finalize('finished');
  expect(lines).toEqual([
    'demo-1 | lr 0.001, layers/0/units 128',
    'demo-1 | step 40, epoch 0 | train: loss 0.3123, lr 1e-7 | val: loss 12 | reward NaN',
    'demo-1 | end of epoch 3 | train: loss/epoch 0.41',
    'demo-1 | finished',
  ]);
});

test('can leave tags as they are, with more digits', () => {
  const { lines, logger } = logging({ groups: false, digits: 6 });
  logger.logMetrics({ 'train/loss': 0.312_25, acc: 1 / 3 }, at(1));
  expect(lines).toEqual(['demo-1 | step 1, epoch 0 | train/loss 0.31225, acc 0.333333']);
});

test('prints no more often than asked, and the newest in the end', async () => {
  const { lines, logger } = logging({ perSecond: 1 });
  for (let step = 0; step < 100; step++) logger.logMetrics({ loss: step }, at(step, { wallTime: 1000 + step / 50 }));
  await logger.save();
  expect(lines).toEqual([
    'demo-1 | step 0, epoch 0 | loss 0',
    'demo-1 | step 50, epoch 0 | loss 50',
    'demo-1 | step 99, epoch 0 | loss 99',
  ]);
});

test('prints hyperparameters again only when they are others', () => {
  const { lines, logger } = logging();
  logger.logHyperparams({});
  logger.logHyperparams({ lr: 1 });
  logger.logHyperparams({ lr: 1 });
  logger.logHyperparams({ lr: 1, seed: 2 });
  expect(lines).toEqual(['demo-1 | lr 1', 'demo-1 | lr 1, seed 2']);
});

test('prints texts, events and alerts, and takes nothing else', () => {
  const { lines, logger } = logging();
  const moment = { step: 7, epoch: 1, wallTime: 0 };
  logger.logRecord({ kind: 'text', tag: 'sample', ...moment, data: { text: 'once upon' } });
  logger.logRecord({ kind: 'event', tag: 'learning rate halved', ...moment, data: { lr: 0.5 } });
  logger.logRecord({ kind: 'alert', tag: 'loss is NaN', ...moment, data: { text: 'stopping', level: 'error' } });
  expect(lines).toEqual([
    'demo-1 | step 7 | sample | once upon',
    'demo-1 | step 7 | * learning rate halved | {"lr":0.5}',
    'demo-1 | step 7 | * error: loss is NaN | stopping',
  ]);
  expect((['text', 'event', 'alert', 'image', 'audio'] as const).map((kind) => logger.supports(kind))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('wrong options are refused by name', () => {
  expect(() => new ConsoleLogger({ perSecond: 0 })).toThrow('perSecond');
  expect(() => new ConsoleLogger({ digits: 0.5 })).toThrow('digits');
});
