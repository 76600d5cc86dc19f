// Points through Dexie's bulkPut, its fastest documented way to write many records.
import Dexie from 'dexie';

export const isInstalled = Dexie !== undefined;

export async function openPoints(name) {
  const database = new Dexie(name);
  database.version(1).stores({ points: '[run+tag+step]' });
  await database.open();
  return {
    put: (points) => database.table('points').bulkPut(points),
    count: () => database.table('points').count(),
    close: () => database.close(),
  };
}
