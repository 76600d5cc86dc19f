import { afterEach, expect, test, vi } from 'vitest';
import type { UnsavedPoints } from '../../../src/store/series-types.ts';
import { Unsaved, type UnsavedOptions } from '../../../src/store/unsaved.ts';
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
    expect(await reader.unsaved.collect('a')).toEqual([pointsAt(5)]);
    points = [pointsAt(6), pointsAt(5)];
    expect(await reader.unsaved.collect('a')).toEqual([pointsAt(5), pointsAt(6)]);
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
  const { unsaved } = setUp('quiet', 'indexeddb', { locks: locksHeld('tabtrain-unsaved:indexeddb:quiet:b') });
  expect(await unsaved.collect('a')).toEqual([]);
  expect(opened).not.toHaveBeenCalled();
  opened.mockRestore();
});

test('a holder in another thread that does not answer is given up after a while, with one warning', async () => {
  const locks = locksHeld('tabtrain-unsaved:indexeddb:frozen:a');
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
