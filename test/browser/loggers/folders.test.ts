import { afterEach, expect, test, vi } from 'vitest';
import { csv, tfevents } from '../../../src/export/index.ts';
import { CSVLogger, directoryFolder, filtered, folderFiles, opfsFolder, TensorBoardLogger } from '../../../src/loggers/index.ts';
import { signalLifecycle, startRun } from '../../../src/run/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { collect, joined } from '../../unit/export/sample-runs.ts';
import { eventFiles, eventsOf, scalars } from '../../unit/loggers/events.ts';

const top = 'logger-tests';

afterEach(async () => {
  await (await navigator.storage.getDirectory()).removeEntry(top, { recursive: true }).catch(() => undefined);
});

async function textAt(folder: ReturnType<typeof opfsFolder>, path: string): Promise<string | undefined> {
  return (await folder.read(path))?.text();
}

test('a run into the private file system leaves the table, the hyperparameters and the events', async () => {
  const folder = opfsFolder(`${top}/a`);
  const store = memoryStore('loggers');
  const table = new CSVLogger({ folder, version: 'table' });
  const events = new TensorBoardLogger({ folder, version: 'events' });
  const run = await startRun({ store, config: { lr: 1e-7, layers: [{ units: 8 }] }, loggers: [filtered(table, ['loss', 'late']), events] });
  for (let step = 0; step < 25; step++) {
    run.log({ loss: 1 / (step + 1), ...(step === 20 && { late: 1 }) }, { step });
    await run.endStep();
    if (step % 10 === 9) await run.flush();
  }
  await run.finish();

  const [header, ...rows] = (await textAt(folder, `${await table.logDir()}/metrics.csv`))!.split('\r\n');
  expect(header).toBe('epoch,late,loss,step');
  expect(rows.slice(18, 22)).toEqual([
    '0,,0.05263157894736842,18',
    '0,,0.05,19',
    '0,1.0,0.047619047619047616,20',
    '0,,0.045454545454545456,21',
  ]);
  expect(rows.length).toBe(26);
  expect(await textAt(folder, `${await table.logDir()}/hparams.yaml`)).toBe('layers:\n- units: 8\nlr: 1.0e-07\n');

  const live = scalars((await eventFiles(folder)).flatMap((file) => file.events));
  const [exported] = await collect(tfevents(store, [run.id]));
  expect(live).toEqual(scalars(eventsOf(exported!.bytes)));
  expect(live.get('loss')?.length).toBe(25);
  await expect(collect(csv(store, [run.id]))).resolves.toHaveLength(1);
});

test('loggers of several tabs that start at once get versions of their own', async () => {
  // Folder objects share nothing but the browser's locks, as those of two tabs do.
  const loggers = Array.from({ length: 6 }, () => new CSVLogger({ folder: opfsFolder(`${top}/race`) }));
  const paths = await Promise.all(loggers.map((logger) => logger.logDir()));
  expect(paths.toSorted()).toEqual([0, 1, 2, 3, 4, 5].map((version) => `lightning_logs/version_${version}`));
});

test('a run that goes on in another page adds to what is there', async () => {
  for (const from of [0, 3]) {
    const logger = new CSVLogger({ folder: opfsFolder(`${top}/resumed`), version: 0 });
    for (let step = from; step < from + 3; step++) {
      logger.logMetrics(from === 0 ? { loss: step } : { loss: step, acc: 1 }, { step, epoch: 0, wallTime: 1 });
      await logger.save();
    }
    await logger.finalize();
  }
  expect(await textAt(opfsFolder(`${top}/resumed`), 'lightning_logs/version_0/metrics.csv')).toBe(
    'acc,epoch,loss,step\r\n,0,0.0,0\r\n,0,1.0,1\r\n,0,2.0,2\r\n1.0,0,3.0,3\r\n1.0,0,4.0,4\r\n1.0,0,5.0,5\r\n',
  );
});

test('a picked directory gets whole files, and a hidden page its last one at once', async () => {
  const picked = await (await navigator.storage.getDirectory()).getDirectoryHandle(top, { create: true });
  const folder = directoryFolder(picked, 'picked');
  const logger = new TensorBoardLogger({ folder });
  const run = await startRun({ store: false, loggers: [logger] });
  run.log({ loss: 1 }, { step: 0 });
  await run.flush();
  expect((await eventFiles(folder)).length).toBe(1);
  run.log({ loss: 2 }, { step: 1 });
  await run.flush();
  expect((await eventFiles(folder)).length).toBe(1);
  signalLifecycle('hidden');
  await vi.waitFor(async () => expect((await eventFiles(folder)).length).toBe(2));
  await run.finish();
  const paths: string[] = [];
  for await (const { path, bytes } of folderFiles(folder)) {
    paths.push(path);
    expect((await joined(bytes)).length).toBeGreaterThan(0);
  }
  expect(paths.filter((path) => path.includes('tfevents')).length).toBeGreaterThan(1);
  expect(paths.every((path) => path.startsWith('lightning_logs/version_0/'))).toBe(true);
});

test('a file that the person chose is written as a stream and whole when the run has ended', async () => {
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(top, { create: true });
  const file = await directory.getFileHandle('events.tfevents', { create: true });
  const run = await startRun({ store: false, loggers: [new TensorBoardLogger({ stream: await file.createWritable() })] });
  for (let step = 0; step < 100; step++) run.log({ loss: step }, { step });
  await run.flush();
  expect((await file.getFile()).size).toBe(0);
  await run.finish();
  const events = eventsOf(new Uint8Array(await (await file.getFile()).arrayBuffer()));
  expect(scalars(events).get('loss')?.length).toBe(100);
});

test('a folder that cannot be written to is told of once, with the logger and the way out', async () => {
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(top, { create: true });
  await directory.getFileHandle('lightning_logs', { create: true }); // a file stands where the folder would go
  const errors: string[] = [];
  const loggers = [new CSVLogger({ folder: directoryFolder(directory) })];
  const run = await startRun({ store: false, loggers, onError: ({ message }) => errors.push(message) });
  for (let step = 0; step < 3; step++) {
    run.log({ loss: step }, { step });
    await run.flush();
  }
  await run.finish();
  expect(errors).toEqual([expect.stringMatching(/^CSVLogger: .*TypeMismatchError.*Check free space and permission/)]);
});
