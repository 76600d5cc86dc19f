/// <reference types="node" />
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CSVLogger, filtered, TensorBoardLogger } from '../../src/loggers/index.ts';
import { startRun } from '../../src/run/index.ts';
import { diskFolder } from './disk-folder.ts';
import { runPython, startTensorBoard } from './python.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tabtrain-live-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Row = readonly [wallTime: number, step: number, value: number | string];

test.each(['fast', 'slow'] as const)(
  "TensorBoard's %s loader follows a run while it is logged, and shows its hyperparameters",
  async (loader) => {
    const logger = new TensorBoardLogger({ folder: diskFolder(root), name: 'live', rollSecs: 0 });
    const run = await startRun({ store: false, config: { lr: 0.5, layers: [{ units: 8 }] }, loggers: [logger] });
    const train = async (from: number, to: number): Promise<void> => {
      for (let step = from; step < to; step++) {
        run.log({ 'train/loss': 1 / (step + 1), nan: NaN }, { step });
        await run.endStep();
        if (step % 10 === 9) await run.flush();
      }
    };
    await train(0, 30);
    const board = await startTensorBoard(root, loader, 'scalars=100000');
    try {
      const shown = async (): Promise<Row[]> =>
        (await board.data('plugin/scalars/scalars', { run: 'live/version_0', tag: 'train/loss' })) as Row[];
      const wanted = (count: number) => Array.from({ length: count }, (_, step) => [step, Math.fround(1 / (step + 1))]);
      const waitFor = (count: number) =>
        vi.waitFor(async () => expect((await shown()).map(([, step, value]) => [step, value])).toEqual(wanted(count)), {
          timeout: 60_000,
          interval: 100,
        });
      await waitFor(30);
      // What comes while it watches.
      await train(30, 60);
      await waitFor(60);
      await run.finish();
      const query = { experimentName: '', allowedStatuses: ['STATUS_SUCCESS'], startIndex: 0, sliceSize: 10, colParams: [] };
      await vi.waitFor(
        async () => {
          const answer = (await board.data('plugin/hparams/session_groups', {}, query)) as { sessionGroups?: { hparams: object }[] };
          expect(answer.sessionGroups?.map(({ hparams }) => hparams)).toEqual([{ lr: 0.5, 'layers/0/units': 8 }]);
        },
        { timeout: 60_000, interval: 100 },
      );
      const tags = (await board.data('plugin/scalars/tags')) as Record<string, object>;
      expect(Object.keys(tags['live/version_0'] ?? {})).toEqual(expect.arrayContaining(['nan', 'train/loss']));
    } finally {
      const errors = (await board.close()).filter((line) => !/^TensorFlow installation not found|^TensorBoard /.test(line));
      expect(errors).toEqual([]);
    }
  },
);

test('pandas reads the table that a run leaves, also after a column has come late', async () => {
  const logger = new CSVLogger({ folder: diskFolder(root), name: 'csv' });
  const run = await startRun({
    store: false,
    config: { lr: 1e-7, 'note, "quoted"': 'yes' },
    loggers: [filtered(logger, ['train/loss', 'odd, "name"'])],
  });
  for (let step = 0; step < 250; step++) {
    run.log({ 'train/loss': step / 3, ...(step === 200 && { 'odd, "name"': Infinity }) }, { step });
    await run.endStep();
  }
  await run.finish();
  const answer = runPython(
    `import json, pandas
t = pandas.read_csv('csv/version_0/metrics.csv', float_precision='round_trip')
print(json.dumps([list(t.columns), len(t), t['step'].tolist() == list(range(250)), t['train/loss'].tolist() == [i / 3 for i in range(250)],
  t['odd, "name"'].dropna().tolist() == [float('inf')], str(t['step'].dtype), str(t['epoch'].dtype)]))`,
    root,
  );
  expect(JSON.parse(answer)).toEqual([['epoch', 'odd, "name"', 'step', 'train/loss'], 250, true, true, true, 'int64', 'int64']);
});
