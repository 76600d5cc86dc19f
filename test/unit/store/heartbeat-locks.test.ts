import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { heartbeatLocks, type HeartbeatPlace } from '../../../src/store/heartbeat-locks.ts';
import { newRunRecord, type RunRecord } from '../../../src/store/run-record.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => void vi.useRealTimers());

/** Two tabs that share the records of one database. */
function twoTabs(): { readonly records: Map<string, RunRecord>; readonly place: HeartbeatPlace } {
  const records = new Map<string, RunRecord>();
  const place: HeartbeatPlace = {
    getRun: async (runId) => records.get(runId),
    async setAlive(runId, aliveAt, isMine) {
      const record = records.get(runId);
      if (record === undefined) return true;
      if (!isMine(record)) return false;
      records.set(runId, { ...record, aliveAt });
      return true;
    },
  };
  return { records, place };
}

test('a writer is alive to other tabs while it beats, and dead 90 seconds after its last beat', async () => {
  const { records, place } = twoTabs();
  let isKilled = false;
  const writer = heartbeatLocks({ ...place, setAlive: async (...beat) => (isKilled ? true : place.setAlive(...beat)) });
  const reader = heartbeatLocks(place);
  await writer.take('a');
  records.set('a', newRunRecord({ startedAt: 0 }, 'a', 0, []));
  await writer.recordMade?.('a');
  await vi.advanceTimersByTimeAsync(600_000);
  expect(await reader.live([...records.values()])).toEqual(new Set(['a']));
  await expect(reader.take('a')).rejects.toMatchObject({ code: 'run-locked' });

  const gone = vi.fn<() => void>();
  void reader.whenGone('a', new AbortController().signal).then(gone);
  isKilled = true;
  await vi.advanceTimersByTimeAsync(80_000);
  expect(gone).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(gone).toHaveBeenCalledTimes(1);
  expect(await reader.live([...records.values()])).toEqual(new Set());
  await (await reader.take('a')).release();
});

test('a writer that lets go is seen to be gone at once, and the lock can be taken again', async () => {
  const { records, place } = twoTabs();
  const writer = heartbeatLocks(place);
  records.set('a', newRunRecord({ startedAt: 0 }, 'a', 0, []));
  const lock = await writer.take('a');
  await expect(writer.take('a')).rejects.toMatchObject({ code: 'run-locked' });
  await lock.release();
  await lock.release();
  expect(await heartbeatLocks(place).live([...records.values()])).toEqual(new Set());
  await writer.take('a');
  vi.clearAllTimers();
});

test('a writer whose thread was ended from outside is gone at once for those who are told, one that lives here is not', async () => {
  const { records, place } = twoTabs();
  const writer = heartbeatLocks(place);
  const page = heartbeatLocks(place);
  records.set('a', newRunRecord({ startedAt: 0 }, 'a', 0, []));
  await writer.take('a');
  expect(await page.live([...records.values()])).toEqual(new Set(['a']));
  await writer.free?.('a');
  expect(await page.live([...records.values()])).toEqual(new Set(['a']));
  await page.free?.('a');
  expect(await page.live([...records.values()])).toEqual(new Set());
  await (await page.take('a')).release();
  vi.clearAllTimers();
});

test('of two tabs that want an abandoned run at the same moment one gets it', async () => {
  const { records, place } = twoTabs();
  records.set('a', { ...newRunRecord({ startedAt: 0 }, 'a', 0, []), aliveAt: Date.now() - 100_000 });
  const taken = await Promise.allSettled([heartbeatLocks(place).take('a'), heartbeatLocks(place).take('a')]);
  expect(taken.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  vi.clearAllTimers();
});

test('a writer that was frozen for so long that another took its run neither keeps nor frees the lock of that one', async () => {
  const { records, place } = twoTabs();
  let isFrozen = false;
  const frozen = heartbeatLocks({
    ...place,
    setAlive: (...beat) => (isFrozen ? Promise.reject(new Error('frozen')) : place.setAlive(...beat)),
  });
  records.set('a', newRunRecord({ startedAt: 0 }, 'a', 0, []));
  const old = await frozen.take('a');
  isFrozen = true;
  await vi.advanceTimersByTimeAsync(95_000);
  const next = heartbeatLocks(place);
  await next.take('a');
  isFrozen = false;
  await vi.advanceTimersByTimeAsync(4_000);
  await old.release();
  expect(await heartbeatLocks(place).live([...records.values()])).toEqual(new Set(['a']));
  await expect(heartbeatLocks(place).take('a')).rejects.toMatchObject({ code: 'run-locked' });
  vi.clearAllTimers();
});

test('a writer goes on after beats that failed, also when the last of them was written without an answer', async () => {
  const { records, place } = twoTabs();
  let fails = false;
  const writer = heartbeatLocks({
    ...place,
    async setAlive(...beat) {
      const isDone = await place.setAlive(...beat);
      if (fails) throw new Error('the answer got lost');
      return isDone;
    },
  });
  records.set('a', newRunRecord({ startedAt: 0 }, 'a', 0, []));
  await writer.take('a');
  fails = true;
  await vi.advanceTimersByTimeAsync(35_000);
  fails = false;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(await heartbeatLocks(place).live([...records.values()])).toEqual(new Set(['a']));
  vi.clearAllTimers();
});
