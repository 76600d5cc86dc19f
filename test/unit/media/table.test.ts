import { expect, test } from 'vitest';
import { takeTable } from '../../../src/media/table.ts';

const call = "run.logTable('x')";

test('a table keeps its cells in their types', async () => {
  const rows = [
    [1, 'seven', true, null],
    [Number.NaN, '', false, undefined],
  ];
  const taken = takeTable({ columns: ['id', 'guess', 'right', 'note'], rows }, call);
  (rows[0] as unknown[])[0] = 99;
  expect(await taken.encode()).toEqual({
    data: {
      columns: ['id', 'guess', 'right', 'note'],
      rows: [
        [1, 'seven', true, null],
        [Number.NaN, '', false, null],
      ],
    },
  });
});

test('rows as objects give the columns in the order in which they appear', async () => {
  const { data } = await takeTable([{ id: 1, loss: 0.5 }, { loss: 0.25, note: 'best' }, JSON.parse('{"__proto__": 3}')], call).encode();
  expect(data).toEqual({
    columns: ['id', 'loss', 'note', '__proto__'],
    rows: [
      [1, 0.5, null, null],
      [null, 0.25, 'best', null],
      [null, null, null, 3],
    ],
  });
});

test('a table without rows is one', async () => {
  expect(await takeTable([], call).encode()).toEqual({ data: { columns: [], rows: [] } });
});

test.each<[unknown, string]>([
  ['a,b', 'got the string "a,b"'],
  [null, 'got null'],
  [{ columns: ['a'] }, 'need { columns'],
  [{ columns: ['a'], rows: [[1], [1, 2]] }, 'row 1 is an array of 2 values, need a list of 1 cells'],
  [{ columns: ['a'], rows: [[{}]] }, "row 0, column 'a' is an object (Object)"],
  [[{ a: 1 }, [2]], 'row 1 is an array of 1 values'],
  [[{ a: () => 1 }], "row 0, column 'a' is a function"],
])('%o is refused: %s', (table, text) => {
  expect(() => takeTable(table, call)).toThrow(
    expect.objectContaining({ code: 'bad-value', message: expect.stringContaining(`${call}: `) }),
  );
  expect(() => takeTable(table, call)).toThrow(text);
});
