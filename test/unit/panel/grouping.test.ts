import { expect, test } from 'vitest';
import { cardTitle, linePrecedence, rankCard, rankOrder } from '../../../src/panel/grouping.ts';

test('cards come in the order loss, metrics, others, learning rates, machine', () => {
  const cards = ['lr', 'steps_per_second', 'grad_norm', 'metrics/accuracy', 'tabtrain/queue', 'loss', 'f1'];
  const ordered = cards.toSorted((a, b) => rankOrder(rankCard(a)) - rankOrder(rankCard(b)));
  expect(ordered).toEqual(['loss', 'metrics/accuracy', 'f1', 'grad_norm', 'lr', 'steps_per_second', 'tabtrain/queue']);
});

test.each([
  ['aux_loss', 'loss'],
  ['metrics/anything', 'metric'],
  ['reward', 'metric'],
  ['accountant', 'other'],
  ['optimizer/lr', 'rate'],
  ['colour', 'other'],
  ['samples_per_second', 'system'],
])('%s is ranked as %s', (card, rank) => {
  expect(rankCard(card)).toBe(rank);
});

test('a title leaves out metrics/', () => {
  expect(cardTitle('metrics/accuracy')).toBe('accuracy');
  expect(cardTitle('metrics/')).toBe('metrics/');
  expect(cardTitle('layers/0/bias')).toBe('layers/0/bias');
});

test('lines stand in the order train step, train epoch, val, test', () => {
  const places = [
    { card: 'x', stage: 'test', rhythm: '' },
    { card: 'x', stage: 'val', rhythm: 'epoch' },
    { card: 'x', stage: 'train', rhythm: 'epoch' },
    { card: 'x', stage: 'train', rhythm: 'step' },
  ] as const;
  expect(places.toSorted((a, b) => linePrecedence(a) - linePrecedence(b)).map(({ stage, rhythm }) => stage + rhythm)).toEqual([
    'trainstep',
    'trainepoch',
    'valepoch',
    'test',
  ]);
});
