import { expect, test } from 'vitest';
import { nearestName } from '../../../src/core/nearest-name.ts';

const names = ['onStep', 'onEpoch', 'progBar', 'batchSize'];

test.each([
  ['on_step', 'onStep'],
  ['onEpohc', 'onEpoch'],
  ['progbar', 'progBar'],
  ['batchSizes', 'batchSize'],
  ['onEpoc', 'onEpoch'],
  ['onStap', 'onStep'],
  ['lr', undefined],
  ['on', undefined],
])('%s is taken for %s', (written, meant) => {
  expect(nearestName(written, names)).toBe(meant);
});
