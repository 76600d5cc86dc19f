import { expect, test } from 'vitest';
import { Connection, deleteDatabase } from '../../../src/store/database.ts';

test('a connection that was let go while it was being opened does not push out the one that came after it', async () => {
  const name = crypto.randomUUID();
  const connection = new Connection(name);
  const first = connection.open();
  connection.letGo();
  const second = connection.open();
  // What a call does that finds its connection closed.
  connection.forget(await first);
  expect(await connection.open()).toBe(await second);
  connection.forget(await second);
  expect(await connection.open()).not.toBe(await second);
  (await second).close();
  connection.close();
  await deleteDatabase(name);
});
