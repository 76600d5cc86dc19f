import { expect, test } from 'vitest';
import { cardOf, placeTag } from '../../../src/core/tag-card.ts';

test.each([
  ['train/loss/step', 'loss', 'train', 'step'],
  ['val/loss/epoch', 'loss', 'val', 'epoch'],
  ['validation/loss', 'loss', 'val', ''],
  ['test/metrics/accuracy/epoch', 'metrics/accuracy', 'test', 'epoch'],
  ['train/lr', 'lr', 'train', ''],
  ['val_loss', 'loss', 'val', ''],
  ['loss_step', 'loss', '', 'step'],
  ['train/loss_epoch', 'loss', 'train', 'epoch'],
  ['loss', 'loss', '', ''],
  ['a/b/c', 'a/b/c', '', ''],
])('%s is drawn in card %s', (tag, card, stage, rhythm) => {
  expect(placeTag(tag)).toEqual({ card, stage, rhythm });
  expect(cardOf(tag)).toBe(card);
});

test.each(['train', 'step', 'epoch', 'training/loss', 'steps_per_second', 'stepsize', 'test_time', 'train_size', 'validation_split'])(
  '%s has no stage and no rhythm to take off',
  (tag) => {
    expect(placeTag(tag)).toEqual({ card: tag, stage: '', rhythm: '' });
  },
);

test('a tag of nothing but a stage and a rhythm keeps a name', () => {
  expect(placeTag('train/step')).toEqual({ card: 'step', stage: 'train', rhythm: '' });
  expect(placeTag('val/epoch/epoch')).toEqual({ card: 'epoch', stage: 'val', rhythm: 'epoch' });
});
