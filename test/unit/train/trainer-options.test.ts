import { expect, test } from 'vitest';
import type { HookContext } from '../../../src/train/contexts.ts';
import type { ModelGraph } from '../../../src/core/logger.ts';
import type { TrainHooks } from '../../../src/train/hooks.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { rowLogger } from '../tfjs/row-logger.ts';

const module: TrainHooks<number[]> = {
  trainBatches: () => [[1], [2], [3]],
  trainingStep: ([x], { log }) => log('loss', x, { progBar: true }),
};

test('a context is made once for each hook, not for each step', async () => {
  const contexts = new Set<HookContext>();
  const note = (context: HookContext): void => void contexts.add(context);
  await new Trainer({ maxEpochs: 2 }).fit(
    { ...module, onTrainBatchEnd: note, trainingStep: (_, context) => note(context) },
    { store: false },
  );
  expect(contexts.size).toBe(2);
});

test("the trainer's loggers get every run, besides those of the fit", async () => {
  const [mine, theirs] = [rowLogger(), rowLogger()];
  const trainer = new Trainer({ loggers: [mine] });
  await trainer.fit(module, { store: false, loggers: [theirs] });
  await trainer.fit(module, { store: false });
  expect(mine.values('loss')).toEqual([1, 2, 3, 1, 2, 3]);
  expect(theirs.values('loss')).toEqual([1, 2, 3]);
});

test('the trainer shows the newest numbers, also after the fit', async () => {
  const trainer = new Trainer();
  expect([trainer.callbackMetrics, trainer.progressBarMetrics, trainer.loggedMetrics]).toEqual([{}, {}, {}]);
  await trainer.fit(module, { store: false });
  expect([trainer.callbackMetrics, trainer.progressBarMetrics, trainer.loggedMetrics]).toEqual([{ loss: 3 }, { loss: 3 }, { loss: 3 }]);
});

test('the graph of a module is logged when the fit begins', async () => {
  const graphs: ModelGraph[] = [];
  const logger = { ...rowLogger(), logGraph: (graph: ModelGraph) => void graphs.push(graph) };
  const graph: ModelGraph = { name: 'tiny', nodes: [{ name: 'dense', op: 'Dense', inputs: [] }] };
  await new Trainer({ loggers: [logger] }).fit({ ...module, graph }, { store: false });
  expect(graphs).toEqual([graph]);
});
