import { afterEach, expect, test, vi } from 'vitest';
import type { UnsavedPoints } from '../../../src/store/series-types.ts';
import { pointsBehind, Unsaved, type UnsavedOptions } from '../../../src/store/unsaved.ts';
import { createWarner } from '../../../src/core/warnings.ts';

const undos: (() => void)[] = [];
afterEach(() => {
  for (const undo of undos.splice(0)) undo();
});

const pointsAt = (seq: number, value = seq): UnsavedPoints => ({
  seq,
  tags: ['loss'],
  tag: new Uint16Array(1),
  step: Float64Array.of(seq),
  epoch: new Float64Array(1),
  wallTime: Float64Array.of(1_700_000_000 + seq),
  value: Float64Array.of(value),
});

function setUp(name: string, kind: 'indexeddb' | 'memory' = 'indexeddb', options: UnsavedOptions = {}) {
  const warnings: string[] = [];
  const unsaved = new Unsaved({ name, kind, warn: createWarner(({ text }) => warnings.push(text)) }, options);
  const offer = (...args: Parameters<Unsaved['offer']>): (() => void) => {
    const undo = unsaved.offer(...args);
    undos.push(undo);
    return undo;
  };
  return { unsaved, warnings, offer };
}

/** A holder in another thread: answers what it is asked with what a test gives it. */
function otherThread(place: string, holder: string, answer: (reply: () => void) => void, points: readonly UnsavedPoints[] = []): void {
  const channel = new BroadcastChannel(place);
  undos.push(() => channel.close());
  channel.addEventListener('message', ({ data }: MessageEvent<{ readonly ask?: string }>) => {
    if (data.ask !== undefined) answer(() => channel.postMessage({ answer: data.ask, holder, points }));
  });
}

/** Locks of which only those are held that a test names, with nobody behind them. */
const locksHeld = (...names: string[]): LockManager => ({
  query: () => Promise.resolve({ held: names.map((name) => ({ name, mode: 'shared' as const, clientId: '' })), pending: [] }),
  request: () => new Promise(() => {}),
});

test('what is offered in a thread is found by everyone there who has the same store open, in the order of the run', async () => {
  for (const kind of ['indexeddb', 'memory'] as const) {
    const [writer, reader] = [setUp('shared', kind), setUp('shared', kind)];
    let points = [pointsAt(5)];
    const undo = writer.offer('a', () => points);
    expect(await reader.unsaved.collect('a')).toEqual([[pointsAt(5)]]);
    points = [pointsAt(6), pointsAt(5)];
    expect(await reader.unsaved.collect('a')).toEqual([[pointsAt(5), pointsAt(6)]]);
    undo();
    expect(await reader.unsaved.collect('a')).toEqual([]);
  }
});

test('an offer is for its own run, store and kind of store only', async () => {
  const locks = locksHeld();
  setUp('mine', 'indexeddb', { locks }).offer('a', () => [pointsAt(0)]);
  const others = [setUp('mine', 'memory'), setUp('yours', 'indexeddb', { locks })];
  expect(await others[0]!.unsaved.collect('a')).toEqual([]);
  expect(await others[1]!.unsaved.collect('a')).toEqual([]);
  expect(await setUp('mine', 'indexeddb', { locks }).unsaved.collect('b')).toEqual([]);
});

test('a holder whose answer fails or never comes costs the reader its points and one warning, not the export', async () => {
  const writer = setUp('broken');
  const reader = setUp('broken', 'indexeddb', { patienceMs: 10 });
  writer.offer('a', () => Promise.reject(new Error('the worker is gone')));
  expect(await reader.unsaved.collect('a')).toEqual([]);
  writer.offer('b', () => new Promise(() => {}));
  expect(await reader.unsaved.collect('b')).toEqual([]);
  expect(await reader.unsaved.collect('b')).toEqual([]);
  expect(reader.warnings).toHaveLength(1);
  expect(reader.warnings[0]).toContain("chunks('b')");
});

test('where no lock says that somebody holds points, nobody is asked', async () => {
  const opened = vi.spyOn(globalThis, 'BroadcastChannel');
  const { unsaved } = setUp('quiet', 'indexeddb', { locks: locksHeld('tabtrain-unsaved:indexeddb:quiet:b#1') });
  expect(await unsaved.collect('a')).toEqual([]);
  expect(opened).not.toHaveBeenCalled();
  opened.mockRestore();
});

test('a holder in another thread that does not answer is given up after a while, with one warning', async () => {
  const locks = locksHeld('tabtrain-unsaved:indexeddb:frozen:a#1');
  const { unsaved, warnings } = setUp('frozen', 'indexeddb', { locks, patienceMs: 10 });
  expect(await unsaved.collect('a')).toEqual([]);
  expect(warnings).toHaveLength(1);
});

test('where nobody can see who holds points, a reader asks for a moment and says nothing when it hears nothing', async () => {
  const { unsaved, warnings } = setUp('plain', 'indexeddb', { locks: undefined, patienceMs: 10 });
  expect(await unsaved.collect('a')).toEqual([]);
  expect(warnings).toEqual([]);
});

test('where the browser refuses to tell of locks, as in a sandboxed frame, nothing is held and nothing fails', async () => {
  const locks: LockManager = {
    query: () => Promise.reject(new DOMException('Access to the Locks API is denied in this context.', 'SecurityError')),
    request: () => Promise.reject(new DOMException('Access to the Locks API is denied in this context.', 'SecurityError')),
  };
  for (const kind of ['indexeddb', 'memory'] as const) {
    const { unsaved, warnings } = setUp('sandboxed', kind, { locks, patienceMs: 1 });
    expect(await unsaved.collect('a')).toEqual([]);
    expect(warnings).toEqual([]);
  }
});

test('holders in this thread and in others are all heard, and none counts twice', async () => {
  const place = 'tabtrain-unsaved:indexeddb:many:a';
  const { unsaved, offer, warnings } = setUp('many', 'indexeddb', { locks: locksHeld(`${place}#1`, `${place}#2`, `${place}:b#3`) });
  offer('a', () => [pointsAt(0)]);
  otherThread(place, '1', (reply) => reply(), [pointsAt(1)]);
  otherThread(place, '2', (reply) => setTimeout(reply), [pointsAt(2)]);
  const found = await unsaved.collect('a');
  expect(found.flat().map(({ seq }) => seq)).toEqual([0, 1, 2]);
  expect([found.length, warnings]).toEqual([3, []]);
});

test('whoever asks while an offer is taken back gets its answer, and nothing is said to a channel that is closed', async () => {
  const place = 'tabtrain-unsaved:indexeddb:late:a';
  const { offer } = setUp('late', 'indexeddb', { locks: locksHeld() });
  let give = (_points: readonly UnsavedPoints[]): void => {};
  const asked = new Promise<void>((resolve) => {
    offer('a', () => {
      resolve();
      return new Promise((answer) => (give = answer));
    });
  });
  const asker = new BroadcastChannel(place);
  undos.push(() => asker.close());
  const answered = new Promise((resolve) => asker.addEventListener('message', ({ data }) => resolve(data), { once: true }));
  asker.postMessage({ ask: '1' });
  await asked;
  undos[0]?.();
  give([pointsAt(3)]);
  expect(await answered).toMatchObject({ answer: '1', points: [{ seq: 3 }] });
});

test('a holder that has stored its points or is gone while it is asked is not waited for, and nothing is warned of', async () => {
  const place = 'tabtrain-unsaved:indexeddb:gone:a';
  let isHeld = true;
  const locks: LockManager = {
    ...locksHeld(),
    query: () => Promise.resolve({ held: isHeld ? [{ name: `${place}#1`, mode: 'exclusive', clientId: '' }] : [], pending: [] }),
  };
  const { unsaved, warnings } = setUp('gone', 'indexeddb', { locks, patienceMs: 3_600_000 });
  otherThread(place, '1', () => (isHeld = false));
  expect(await unsaved.collect('a')).toEqual([]);
  expect(warnings).toEqual([]);
});

test('behind what is stored come the points of the writer that continued the run last, in order, and no others', () => {
  const before = [pointsAt(4, 100), pointsAt(5, 101), pointsAt(6, 102)];
  const after = [pointsAt(5), pointsAt(6), pointsAt(7)];
  expect(pointsBehind([after, before], 4, 4)).toEqual(after);
  expect(pointsBehind([before, after], 6, 4)).toEqual([pointsAt(7)]);
  expect(pointsBehind([after.slice(1), after.slice(0, 1)], -1)).toEqual(after);
});

test('where nobody can see who holds points, a store that is silent is not asked again for each run', async () => {
  const { unsaved, warnings } = setUp('silent', 'indexeddb', { locks: undefined, patienceMs: 20 });
  const lobby = new BroadcastChannel('tabtrain-unsaved:indexeddb:silent');
  undos.push(() => lobby.close());
  const asked: unknown[] = [];
  lobby.addEventListener('message', ({ data }) => asked.push(data));
  const heard = new Promise((resolve) => lobby.addEventListener('message', ({ data }) => data === 'last' && resolve(undefined)));
  for (const runId of ['a', 'b', 'c']) expect(await unsaved.collect(runId)).toEqual([]);
  const end = new BroadcastChannel('tabtrain-unsaved:indexeddb:silent');
  undos.push(() => end.close());
  end.postMessage('last');
  await heard;
  expect(asked).toEqual(['anyone?', 'last']);
  expect(warnings).toEqual([]);
});

test('where nobody can see who holds points, a thread that says it is there is asked for them', async () => {
  const { unsaved } = setUp('answering', 'indexeddb', { locks: undefined, patienceMs: 2000 });
  const channels = ['tabtrain-unsaved:indexeddb:answering', 'tabtrain-unsaved:indexeddb:answering:a'].map(
    (name) => new BroadcastChannel(name),
  );
  undos.push(() => channels.forEach((channel) => channel.close()));
  const [lobby, place] = channels;
  lobby?.addEventListener('message', ({ data }) => data === 'anyone?' && lobby.postMessage('here'));
  place?.addEventListener('message', ({ data }: MessageEvent<{ readonly ask: string }>) => {
    place.postMessage({ answer: data.ask, holder: 'another thread', points: [pointsAt(1)] });
  });
  expect(await unsaved.collect('a')).toEqual([[pointsAt(1)]]);
});
