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
    async setAlive(runId, aliveAt) {
      const record = records.get(runId);
      if (record !== undefined) records.set(runId, { ...record, aliveAt });
    },
  };
  return { records, place };
}

test('a writer is alive to other tabs while it beats, and dead 90 seconds after its last beat', async () => {
  const { records, place } = twoTabs();
  let isKilled = false;
  const writer = heartbeatLocks({ ...place, setAlive: async (...beat) => (isKilled ? undefined : place.setAlive(...beat)) });
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
