import { expect, test } from 'vitest';
import type { Config } from '../../../src/core/run-info.ts';
import { CSVLogger, type CSVLoggerOptions, memoryFolder } from '../../../src/loggers/index.ts';
import { at, bare, refusing, runInfo } from './rows.ts';

const table = 'lightning_logs/version_0/metrics.csv';
const csvLogger = (options: Omit<CSVLoggerOptions, 'folder'> = {}, folder = memoryFolder()) => ({
  folder,
  logger: new CSVLogger({ folder, version: 0, ...options }),
});

test("a training's timeline is the table that Lightning writes", async () => {
  const { folder, logger } = csvLogger();
  for (const epoch of [0, 1]) {
    const last = epoch * 4 + 3;
    logger.logMetrics({ train_loss_step: 0.8 }, at(last - 2, { epoch }));
    logger.logMetrics({ train_loss_step: 0.4 }, at(last, { epoch }));
    logger.logMetrics({ val_loss: 4.6 / 6 }, at(last, { epoch }));
    logger.logMetrics({ train_loss_epoch: 10.4 / 14 }, at(last, { epoch }));
    await logger.save();
  }
  expect(await folder.text(table)).toBe(
    'epoch,step,train_loss_epoch,train_loss_step,val_loss\r\n' +
      '0,1,,0.8,\r\n' +
      '0,3,,0.4,\r\n' +
      '0,3,,,0.7666666666666666\r\n' +
      '0,3,0.7428571428571429,,\r\n' +
      '1,5,,0.8,\r\n' +
      '1,7,,0.4,\r\n' +
      '1,7,,,0.7666666666666666\r\n' +
      '1,7,0.7428571428571429,,\r\n',
  );
});

test('a new column takes its place in the alphabet, and old rows have an empty cell in it', async () => {
  const { folder, logger } = csvLogger();
  logger.logMetrics({ c: 2.5 }, bare(0));
  logger.logMetrics({ c: 2.5, b: 1, a: -0 }, bare(1));
  await logger.save();
  expect(await folder.text(table)).toBe('a,b,c,step\r\n,,2.5,0\r\n-0.0,1.0,2.5,1\r\n');
  logger.logMetrics({ d: 1e-7 }, bare(2));
  await logger.save();
  expect(await folder.text(table)).toBe('a,b,c,d,step\r\n,,2.5,,0\r\n-0.0,1.0,2.5,,1\r\n,,,1e-07,2\r\n');
});

test('names are quoted as Python quotes them, and numbers that are not finite are words', async () => {
  const { folder, logger } = csvLogger();
  logger.logMetrics({ 'a,b "q"': NaN, 'two\nlines': Infinity, z: -Infinity }, bare(0));
  await logger.save();
  logger.logMetrics({ x: 1 }, bare(1));
  await logger.save();
  expect(await folder.text(table)).toBe('"a,b ""q""",step,"two\nlines",x,z\r\nnan,0,inf,,-inf\r\n,1,,1.0,\r\n');
});

test('the epoch is left empty for rows that say nothing about it, and a value of that name takes its place', async () => {
  const { folder, logger } = csvLogger();
  logger.logMetrics({ val_loss_step: 1 }, at(0, { isWithoutEpoch: true, stage: 'validate' }));
  logger.logMetrics({ val_loss_epoch: 1 }, at(9, { epoch: 3 }));
  logger.logMetrics({ epoch: 2.5 }, at(10, { epoch: 4 }));
  await logger.save();
  expect(await folder.text(table)).toBe('epoch,step,val_loss_epoch,val_loss_step\r\n,0,,1.0\r\n3,9,1.0,\r\n2.5,10,,\r\n');
});

test('a table that is there is gone on with, whatever its columns, and nothing of it is lost', async () => {
  const { folder, logger } = csvLogger();
  await folder.write(table, new TextEncoder().encode('epoch,note,step\n0,"said ""no"", left",1\n0,True,2'));
  logger.logMetrics({ loss: 0.5 }, at(3));
  await logger.save();
  expect(await folder.text(table)).toBe('epoch,loss,note,step\r\n0,,"said ""no"", left",1\r\n0,,True,2\r\n0,0.5,,3\r\n');
});

test('a table that ends within a line is gone on with on a line of its own', async () => {
  const { folder, logger } = csvLogger();
  await folder.write(table, new TextEncoder().encode('epoch,loss,step\r\n0,0.25,1\r\n0,0.12'));
  logger.logMetrics({ loss: 0.5 }, at(3));
  await logger.save();
  logger.logMetrics({ loss: 0.75 }, at(4));
  await logger.save();
  expect(await folder.text(table)).toBe('epoch,loss,step\r\n0,0.25,1\r\n0,0.12\r\n0,0.5,3\r\n0,0.75,4\r\n');
});

test('rows are written by themselves when the step passes a multiple of flushLogsEveryNSteps', async () => {
  const { folder, logger } = csvLogger({ flushLogsEveryNSteps: 10 });
  const written = async (): Promise<string | undefined> => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    return folder.text(table);
  };
  for (let step = 0; step < 9; step++) logger.logMetrics({ loss: 1 }, bare(step));
  expect(await written()).toBeUndefined();
  logger.logMetrics({ loss: 2 }, bare(9));
  expect(await written()).toMatch(/1\.0,8\r\n2\.0,9\r\n$/);
  // Steps that are all even never are one below a multiple.
  logger.logMetrics({ loss: 3 }, bare(18));
  expect(await written()).toMatch(/2\.0,9\r\n$/);
  logger.logMetrics({ loss: 4 }, bare(20));
  expect(await written()).toMatch(/2\.0,9\r\n3\.0,18\r\n4\.0,20\r\n$/);
});

test('a long table is written less often, as each write copies it', async () => {
  const folder = memoryFolder();
  let writes = 0;
  const counted = {
    ...folder,
    append: async (path: string, bytes: Uint8Array<ArrayBuffer>) => void (await folder.append(path, bytes), writes++),
  };
  const logger = new CSVLogger({ folder: counted, version: 0, flushLogsEveryNSteps: 1 });
  for (let step = 0; step < 20_000; step++) {
    logger.logMetrics({ loss: step }, bare(step));
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
  await logger.finalize();
  expect((await folder.text(table))?.split('\r\n').length).toBe(20_002);
  expect(writes).toBeLessThan(200);
});

test('hyperparameters are written at once, all of them each time', async () => {
  const { folder, logger } = csvLogger();
  logger.start(runInfo);
  logger.logHyperparams({});
  await logger.save();
  expect(await folder.text('lightning_logs/version_0/hparams.yaml')).toBe('{}\n');
  logger.logHyperparams({ lr: 1e-4, layers: [{ units: 8 }] });
  logger.logHyperparams({ seed: 1 } satisfies Config);
  await logger.save();
  expect(await folder.text('lightning_logs/version_0/hparams.yaml')).toBe('layers:\n- units: 8\nlr: 0.0001\nseed: 1\n');
});

test('what a folder refuses is told by save, kept, and written when there is room', async () => {
  const refuse = { isOn: true };
  const memory = memoryFolder();
  const logger = new CSVLogger({ folder: refusing(memory, refuse), version: 0, flushLogsEveryNSteps: 1 });
  logger.logMetrics({ loss: 1 }, bare(0));
  await expect(logger.save()).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringMatching(/^CSVLogger: .*no space left/),
  });
  logger.logMetrics({ loss: 2 }, bare(1));
  refuse.isOn = false;
  await logger.finalize();
  expect(await memory.text(table)).toBe('loss,step\r\n1.0,0\r\n2.0,1\r\n');
});

test('wrong options are refused by name', () => {
  const folder = memoryFolder();
  expect(() => new CSVLogger({ folder, flushLogsEveryNSteps: 0 })).toThrow('flushLogsEveryNSteps');
  expect(() => new CSVLogger({ folder, version: -1 })).toThrow('version');
  expect(() => new CSVLogger({ folder, name: '../up' })).toThrow("'..'");
  // @ts-expect-error a folder is needed
  expect(() => new CSVLogger({})).toThrow('need a folder');
});

test('needs its options', () => {
  expect(() => new CSVLogger(undefined as unknown as CSVLoggerOptions)).toThrow('new CSVLogger(undefined): need { folder }');
});
