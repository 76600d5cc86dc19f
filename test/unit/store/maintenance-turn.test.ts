import { afterEach, expect, test, vi } from 'vitest';
import { MaintenanceTurns, threadTurnLocks, TurnLost, type TurnLocks } from '../../../src/store/maintenance-turn.ts';
import type { StoreBackend } from '../../../src/store/store-backend.ts';
import { setUp } from './maintenance-setup.ts';

const never = new AbortController().signal;

function holderOf(backend: StoreBackend): Promise<string | undefined> {
  return backend.read(['meta'], async (tx) => (await tx.get('meta', 'maintenance'))?.holder);
}

function setHolder(backend: StoreBackend, holder: string): Promise<void> {
  return backend.write(['meta'], (tx) => tx.put('meta', { name: 'maintenance', holder }));
}

/** Something that is opened from outside. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['with locks', threadTurnLocks],
  ['without locks', undefined],
])('one turn at a time, each with a name of its own (%s)', async (_name, locks) => {
  const { backend, context } = setUp();
  const events: string[] = [];
  const holders = new Set<string | undefined>();
  const one = async (name: string): Promise<void> => {
    await new MaintenanceTurns(backend, context.name, locks).take(never, async (turn) => {
      events.push(`${name} begins`);
      holders.add(await holderOf(backend));
      await turn.write(['runs'], async () => {});
      events.push(`${name} ends`);
    });
  };
  await Promise.all([one('a'), one('b'), one('c')]);
  expect(events.filter((_event, index) => index % 2 === 0).map((event) => event.replace('begins', 'ends'))).toEqual(
    events.filter((_event, index) => index % 2 === 1),
  );
  expect(holders.size).toBe(3);
});

test('a turn ends with an error too, and the error is told', async () => {
  for (const locks of [threadTurnLocks, undefined]) {
    const { backend, context } = setUp();
    const turns = new MaintenanceTurns(backend, context.name, locks);
    const failing = turns.take(never, async () => {
      throw new Error('no luck');
    });
    await expect(failing).rejects.toThrow('no luck');
    expect(await turns.take(never, async () => 'next')).toBe('next');
  }
});

test('a transaction of a turn that was lost does nothing', async () => {
  const { backend, context } = setUp();
  let isReached = false;
  const taken = new MaintenanceTurns(backend, context.name, threadTurnLocks).take(never, async (turn) => {
    await setHolder(backend, 'another');
    await turn.write(['runs'], async () => {
      isReached = true;
    });
  });
  await expect(taken).rejects.toBeInstanceOf(TurnLost);
  expect([isReached, await holderOf(backend)]).toEqual([false, 'another']);
});

test('aborting frees the turn at once, while its work is still on the way to notice', async () => {
  const { backend, context } = setUp();
  const turns = new MaintenanceTurns(backend, context.name, threadTurnLocks);
  const ending = new AbortController();
  const begun = gate();
  const slow = gate();
  const first = turns.take(ending.signal, async (turn) => {
    begun.open();
    await slow.opened;
    await turn.write(['runs'], async () => {});
  });
  await begun.opened;
  ending.abort(new Error('put aside'));
  await expect(first).rejects.toThrow('put aside');
  expect(await turns.take(never, async () => 'next')).toBe('next');
  slow.open();
});

test('without locks, whoever has not got on for half a minute is replaced', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { backend, context } = setUp();
  await setHolder(backend, 'a dead tab');
  let isMine = false;
  const taken = new MaintenanceTurns(backend, context.name, undefined).take(never, async () => {
    isMine = true;
  });
  await vi.advanceTimersByTimeAsync(29_000);
  expect(isMine).toBe(false);
  // Somebody else has a turn: the waiting begins anew.
  await setHolder(backend, 'a tab that lives');
  await vi.advanceTimersByTimeAsync(29_000);
  expect(isMine).toBe(false);
  await vi.advanceTimersByTimeAsync(2000);
  await taken;
  expect([isMine, await holderOf(backend)]).toEqual([true, undefined]);
});

test('a lock is stolen from a tab that does not get on, and only from such a one', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { backend, context } = setUp();
  await setHolder(backend, 'a frozen tab');
  const requests: LockOptions[] = [];
  const stuck: TurnLocks = {
    request(_name, options, use) {
      requests.push(options);
      if (options.steal === true) return use();
      return new Promise((_resolve, reject) => {
        options.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
    },
  };
  const taken = new MaintenanceTurns(backend, context.name, stuck).take(never, async () => 'mine');
  await vi.advanceTimersByTimeAsync(15_000);
  await setHolder(backend, 'a tab that lives');
  await vi.advanceTimersByTimeAsync(15_000);
  expect(requests.map(({ steal }) => steal)).toEqual([undefined]);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await taken).toBe('mine');
  expect(requests.map(({ steal }) => steal)).toEqual([undefined, true]);
});

test('a turn that was stolen goes on until its next transaction, and ends with what that one says', async () => {
  const { backend, context } = setUp();
  const stealing: TurnLocks = {
    request(_name, _options, use) {
      void use();
      return Promise.reject(new DOMException('stolen', 'AbortError'));
    },
  };
  const taken = new MaintenanceTurns(backend, context.name, stealing).take(never, async (turn) => {
    await setHolder(backend, 'another');
    return turn.write(['runs'], async () => 'written');
  });
  await expect(taken).rejects.toBeInstanceOf(TurnLost);
});

test('where there is no room for a name, the one before is invalid all the same, and what only deletes goes on', async () => {
  const { backend, context } = setUp();
  await setHolder(backend, 'the one before');
  const full: StoreBackend = {
    read: (stores, work) => backend.read(stores, work),
    write: (stores, work, options) =>
      backend.write(
        stores,
        (tx) =>
          work(
            new Proxy(tx, {
              get(target, name) {
                if (name === 'put') return () => Promise.reject(new DOMException('', 'QuotaExceededError'));
                const member: unknown = Reflect.get(target, name);
                return typeof member === 'function' ? (member.bind(target) as unknown) : member;
              },
            }),
          ),
        options,
      ),
    suspend: () => {},
    close: () => {},
  };
  const turns = new MaintenanceTurns(full, context.name, threadTurnLocks);
  expect(await turns.take(never, (turn) => turn.write(['runs'], async () => 'deleted'))).toBe('deleted');
  expect(await holderOf(backend)).toBeUndefined();
});
