import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv } from '../../../src/export/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { addRun, collect, startedAt } from './sample-runs.ts';

let stores = 0;
const newStore = () => memoryStore(`csv-${stores++}`);

test('the table has the promised header, one row a point in log order, and the config in columns', async () => {
  const store = newStore();
  const one = await addRun(
    store,
    [
      { tag: 'loss', step: 0, value: 0.1 + 0.2, epoch: 0, wallTime: startedAt + 0.25 },
      { tag: 'loss', step: 1, value: NaN, epoch: 1, wallTime: startedAt + 0.5 },
      { tag: 'loss', step: 1, value: -Infinity, epoch: 1, wallTime: startedAt + 0.5 },
    ],
    { name: 'one', config: { lr: 0.03, optimizer: { name: 'adam' } } },
  );
  const two = await addRun(store, [{ tag: 'a,"b"', step: -1, value: -0, wallTime: startedAt }], {
    name: 'two',
    config: { note: '=1+1', lr: 1 },
  });
  const [file] = await collect(csv(store, [one.id, two.id]));
  expect(file!.path).toBe('metrics.csv');
  expect(new TextDecoder().decode(file!.bytes)).toBe(
    [
      'run,tag,step,epoch,wall_time,value,config/lr,config/optimizer/name,config/note',
      'demo/one,loss,0,0,1700000000.25,0.30000000000000004,0.03,adam,',
      'demo/one,loss,1,1,1700000000.5,NaN,0.03,adam,',
      'demo/one,loss,1,1,1700000000.5,-inf,0.03,adam,',
      'demo/two,"a,""b""",-1,0,1700000000,-0,1,,\'=1+1',
      '',
    ].join('\r\n'),
  );
});

test('a prefix goes in front of the path and of the run', async () => {
  const store = newStore();
  const run = await addRun(store, [{ tag: 'loss', step: 0, value: 1 }], { name: 'one' });
  const [file] = await collect(csv(store, [run.id], { prefix: 'anna' }));
  expect(file!.path).toBe('anna/metrics.csv');
  expect(new TextDecoder().decode(file!.bytes)).toContain('\r\nanna/demo/one,loss,');
});

test('an unknown run is refused with the call', async () => {
  await expect(csv(newStore(), ['nope']).next()).rejects.toMatchObject({
    code: 'run-not-found',
    message: expect.stringContaining('csv(store, ["nope"])'),
  });
});

test('every float64 is read back as itself', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double(), { minLength: 1, maxLength: 50 }), async (values) => {
      const store = newStore();
      const run = await addRun(
        store,
        values.map((value, step) => ({ tag: 'x', step, value })),
        {},
        7,
      );
      const [file] = await collect(csv(store, [run.id]));
      const rows = new TextDecoder().decode(file!.bytes).trimEnd().split('\r\n').slice(1);
      const read = rows.map((row) => row.split(',')[5]!.replace('inf', 'Infinity')).map(Number);
      expect(read).toEqual(values);
    }),
  );
});
