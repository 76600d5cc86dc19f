import { createHash } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import type { LogError } from '../../../src/core/errors.ts';
import type { NewRecord } from '../../../src/core/records.ts';
import { createWarner } from '../../../src/core/warnings.ts';
import { Hints } from '../../../src/store/hints.ts';
import { MemoryBackend } from '../../../src/store/memory-backend.ts';
import { contentStores, RecordStore } from '../../../src/store/record-store.ts';
import type { RecordQuery, StoredRecord } from '../../../src/store/record-types.ts';
import { newRunRecord, resumedRunRecord, type RunRecord } from '../../../src/store/run-record.ts';
import { keysUnder, type StoreBackend } from '../../../src/store/store-backend.ts';
import { threadLocks } from '../../../src/store/writer-locks.ts';

afterEach(() => vi.unstubAllGlobals());

const large = 4097;

/** A store of records over memory with run `a` in it, and what it reported as damaged. */
async function make(backend: StoreBackend = new MemoryBackend()) {
  const damage: LogError[] = [];
  const records = new RecordStore({
    name: 'test',
    kind: 'memory',
    backend,
    hints: new Hints(),
    locks: threadLocks(),
    warn: createWarner(() => {}),
    onDamage: (error) => damage.push(error),
  });
  await putRun(backend, newRunRecord({ startedAt: 0 }, 'a', 0, []));
  const changeRun = async (change: (run: RunRecord) => RunRecord): Promise<void> => {
    const run = await backend.read(['runs'], (tx) => tx.get('runs', 'a'));
    if (run !== undefined) await putRun(backend, change(run));
  };
  return { backend, records, damage, changeRun };
}

function putRun(backend: StoreBackend, run: RunRecord): Promise<void> {
  return backend.write(['runs'], (tx) => tx.put('runs', run));
}

function text(tag: string, step = 0, more: Partial<NewRecord> = {}): NewRecord {
  return { kind: 'text', tag, step, epoch: 0, wallTime: 1_700_000_000 + step, ...more };
}

function bytes(length: number, value = 1): Blob {
  return new Blob([new Uint8Array(length).fill(value)], { type: 'image/png' });
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The contents that are kept beside records, by how many records hold each. */
async function held(backend: StoreBackend): Promise<readonly number[]> {
  return backend.read(contentStores, async (tx) => {
    const [contents, references] = await Promise.all([tx.getAll('contents'), tx.getAll('references')]);
    expect(references.map(({ hash }) => hash)).toEqual(contents.map(({ hash }) => hash));
    return references.map((reference) => reference.references).toSorted((a, b) => a - b);
  });
}

async function tagsOf(records: RecordStore, query?: RecordQuery): Promise<readonly string[]> {
  return (await records.list('a', query)).map(({ tag }) => tag);
}

test('records come back in the order in which they were stored, whatever their kind and tag, and by kind, tag, index and count', async () => {
  const { records } = await make();
  await records.add('a', [text('z'), text('b', 1, { kind: 'image' }), text('z', 1)]);
  await records.add('a', [text('a', 2), text('z', 3, { kind: 'alert' }), text('z', 4)]);
  const all = await records.list('a');
  expect(all.map(({ tag, index, runId, generation }) => [tag, index, runId, generation])).toEqual([
    ['z', 0, 'a', 0],
    ['b', 1, 'a', 0],
    ['z', 2, 'a', 0],
    ['a', 3, 'a', 0],
    ['z', 4, 'a', 0],
    ['z', 5, 'a', 0],
  ]);
  const indexes = async (query: RecordQuery): Promise<readonly number[]> => (await records.list('a', query)).map(({ index }) => index);
  expect(await indexes({ kind: 'text' })).toEqual([0, 2, 3, 5]);
  expect(await indexes({ kind: 'text', tag: 'z' })).toEqual([0, 2, 5]);
  expect(await indexes({ kind: 'text', tag: 'z', fromIndex: 1 })).toEqual([2, 5]);
  expect(await indexes({ kind: 'text', tag: 'z', fromIndex: 1, limit: 1 })).toEqual([2]);
  expect(await indexes({ fromIndex: 2, limit: 3 })).toEqual([2, 3, 4]);
  expect(await indexes({ limit: 100 })).toEqual([0, 1, 2, 3, 4, 5]);
  expect(await indexes({ limit: 0 })).toEqual([]);
  expect(await indexes({ kind: 'audio' })).toEqual([]);
  expect(await records.list('nobody')).toEqual([]);
});

test('what is stored is what was given at the call: later changes of it, or of what comes back, change nothing', async () => {
  const { records } = await make();
  const counts = Uint32Array.of(1, 2, 3);
  const data = { counts, nested: { list: [1, { deep: 'x' }], nothing: null }, weird: Number.NaN };
  const adding = records.add('a', [text('h', 7, { kind: 'histogram', epoch: 2, data })]);
  counts[0] = 99;
  data.nested.list.push(5);
  await adding;
  const expected = { counts: Uint32Array.of(1, 2, 3), nested: { list: [1, { deep: 'x' }], nothing: null }, weird: Number.NaN };
  const [first] = await records.list('a');
  expect(first).toEqual({
    runId: 'a',
    index: 0,
    generation: 0,
    kind: 'histogram',
    tag: 'h',
    step: 7,
    epoch: 2,
    wallTime: 1_700_000_007,
    data: expected,
  });
  const given = first?.data?.['counts'];
  if (given instanceof Uint32Array) given.fill(0);
  expect((await records.list('a'))[0]?.data).toEqual(expected);
});

test('contents of up to 4,096 bytes are in their record, larger ones beside it, each once', async () => {
  const { backend, records } = await make();
  await records.add('a', [text('small', 0, { content: bytes(4096) }), text('empty', 0, { content: new Blob([]) }), text('none')]);
  expect(await held(backend)).toEqual([]);
  await records.add('a', [text('x', 0, { content: bytes(large) }), text('y', 0, { content: bytes(large) })]);
  await records.add('a', [text('x', 1, { content: bytes(large) }), text('other', 1, { content: bytes(large, 2) })]);
  expect(await held(backend)).toEqual([1, 3]);

  const [small, empty, none, x] = await records.list('a');
  expect(small?.content).toMatchObject({ type: 'image/png', size: 4096 });
  expect(small?.content?.inline?.byteLength).toBe(4096);
  expect(x?.content).toEqual({ type: 'image/png', size: large, hash: sha256(new Uint8Array(large).fill(1)) });
  expect(none?.content).toBeUndefined();
  expect(await records.content(none as StoredRecord)).toBeUndefined();
  expect((await records.content(empty as StoredRecord))?.size).toBe(0);
  for (const record of [small, x] as StoredRecord[]) {
    const content = await records.content(record);
    expect(content?.type).toBe('image/png');
    expect(await content?.arrayBuffer()).toEqual(await bytes(record.content?.size ?? 0).arrayBuffer());
  }
});

test('a content is written once: to count who holds it writes some bytes, not the content', async () => {
  const memory = new MemoryBackend();
  const written: string[] = [];
  const { records } = await make({
    read: (stores, work) => memory.read(stores, work),
    write: (stores, work) =>
      memory.write(stores, (tx) => {
        const put = tx.put.bind(tx);
        tx.put = (store, record) => {
          written.push(store);
          return put(store, record);
        };
        return work(tx);
      }),
    suspend: () => {},
    close: () => {},
  });
  for (let step = 0; step < 3; step++) await records.add('a', [text('x', step, { content: bytes(large) })]);
  expect(written.filter((store) => store === 'contents')).toHaveLength(1);
  expect(written.filter((store) => store === 'references')).toHaveLength(3);
});

test('without WebCrypto the same bytes are still kept once', async () => {
  const { backend, records } = await make();
  await records.add('a', [text('x', 0, { content: bytes(large) })]);
  vi.stubGlobal('crypto', {});
  await records.add('a', [text('x', 1, { content: bytes(large) })]);
  expect(await held(backend)).toEqual([2]);
});

test('a content goes when the last record that holds it does, in one transaction with it', async () => {
  const { backend, records } = await make();
  await records.add('a', [text('x', 0, { content: bytes(large) }), text('y', 0, { content: bytes(large) })]);
  await records.add('a', [text('z', 0, { content: bytes(large, 2) }), text('x', 1, { content: bytes(large) }), text('none')]);
  const purge = (kind: string, tag: string, fails = false): Promise<void> =>
    backend.write(['records', ...contentStores], async (tx) => {
      const range = keysUnder('a', kind, tag);
      await records.release(tx, await tx.getAll('records', range));
      await tx.delete('records', range);
      if (fails) throw new Error('cut off');
    });
  await expect(purge('text', 'x', true)).rejects.toThrow('cut off');
  expect(await held(backend)).toEqual([1, 3]);
  await purge('text', 'x');
  expect(await held(backend)).toEqual([1, 1]);
  await purge('text', 'none');
  await purge('text', 'y');
  expect(await held(backend)).toEqual([1]);
  await records.add('a', [text('z', 1, { content: bytes(large, 2) }), text('w', 1, { content: bytes(large, 2) })]);
  await purge('text', 'z');
  expect(await held(backend)).toEqual([1]);
  await records.add('a', [text('w', 2, { content: bytes(large, 2) })]);
  await purge('text', 'w');
  expect(await held(backend)).toEqual([]);
});

test('an addition that fails leaves nothing behind, and the next one is not held up', async () => {
  const { backend, records } = await make();
  await expect(records.add('nobody', [text('x', 0, { content: bytes(large) })])).rejects.toMatchObject({ code: 'run-not-found' });
  expect(await held(backend)).toEqual([]);
  const unreadable = bytes(large);
  unreadable.arrayBuffer = () => Promise.reject(new DOMException('The file is gone.', 'NotReadableError'));
  const failed = records.add('a', [text('first'), text('x', 0, { content: unreadable })]);
  const stored = records.add('a', [text('second')]);
  await expect(failed).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('The file is gone.') as string });
  await stored;
  expect((await records.list('a')).map(({ tag, index }) => [tag, index])).toEqual([['second', 0]]);
});

test('records are stored in the order of the calls, however long their contents take to read', async () => {
  const { records } = await make();
  const slow = bytes(large);
  let letGo = (): void => {};
  const opened = new Promise<void>((resolve) => (letGo = resolve));
  const read = slow.arrayBuffer.bind(slow);
  slow.arrayBuffer = () => opened.then(read);
  const adding = [records.add('a', [text('slow', 0, { content: slow })]), records.add('a', [text('quick')])];
  // Time enough for the quick one, if it did not wait.
  await new Promise(setImmediate);
  letGo();
  await Promise.all(adding);
  expect(await tagsOf(records)).toEqual(['slow', 'quick']);
});

test('two stores that add to one run at once give each record an index of its own', async () => {
  const { backend, records } = await make();
  const { records: other } = await make(backend);
  await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? records : other).add('a', [text('x', i), text('y', i)])));
  const all = await records.list('a');
  expect(all.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect(new Set(all.filter(({ tag }) => tag === 'x').map(({ step }) => step)).size).toBe(20);
});

test('a continuation supersedes earlier records at and past its step until they are brought back; a limit counts those that are left', async () => {
  const { records, changeRun } = await make();
  await records.add('a', [text('a1', 1), text('a5', 5), text('a9', 9)]);
  // No chunk was appended in any generation: only the generation tells these records apart.
  await changeRun((run) => resumedRunRecord(run, 0, 1, 5));
  expect(await tagsOf(records)).toEqual(['a1']);
  await records.add('a', [text('b5', 5), text('b8', 8)]);
  expect(await tagsOf(records)).toEqual(['a1', 'b5', 'b8']);
  expect(await tagsOf(records, { limit: 2 })).toEqual(['a1', 'b5']);
  await changeRun((run) => resumedRunRecord(run, 0, 2, 8));
  await changeRun((run) => resumedRunRecord(run, 0, 3, undefined));
  await records.add('a', [text('c0', 0)]);
  expect(await tagsOf(records)).toEqual(['a1', 'b5', 'c0']);
  await changeRun(({ resumes = [], ...run }) => ({
    ...run,
    resumes: resumes.map((resume) => (resume.generation === 1 ? { ...resume, isBroughtBack: true } : resume)),
  }));
  expect(await tagsOf(records)).toEqual(['a1', 'a5', 'b5', 'c0']);
});

test('a deleted run shows no records; its writer may go on until it is purged', async () => {
  const { records, changeRun } = await make();
  await records.add('a', [text('x')]);
  await changeRun((run) => ({ ...run, deletedAt: 1 }));
  await records.add('a', [text('y')]);
  expect(await tagsOf(records)).toEqual([]);
  await changeRun(({ deletedAt: _deletedAt, ...run }) => run);
  expect(await tagsOf(records)).toEqual(['x', 'y']);
  await changeRun((run) => ({ ...run, deletedAt: 1, isPurging: true }));
  await expect(records.add('a', [text('z')])).rejects.toMatchObject({ code: 'run-not-found' });
});

test('a checkpoint is written with strict durability, other records are not', async () => {
  const memory = new MemoryBackend();
  const durabilities: unknown[] = [];
  const { records } = await make({
    read: (stores, work) => memory.read(stores, work),
    write: (stores, work, options) => {
      durabilities.push(options?.durability);
      return memory.write(stores, work);
    },
    suspend: () => {},
    close: () => {},
  });
  await records.add('a', [text('x')]);
  await records.add('a', [text('x'), text('weights', 1, { kind: 'checkpoint', content: bytes(large) })]);
  expect(durabilities).toEqual([undefined, 'relaxed', 'strict']);
});

test('a content that is missing, cut or altered is told, never given back as if it were whole', async () => {
  const { backend, records } = await make();
  await records.add('a', [text('small', 0, { content: bytes(10) }), text('x', 0, { content: bytes(large) })]);
  const [small, x] = (await records.list('a')) as [StoredRecord, StoredRecord];
  const hash = x.content?.hash ?? '';
  const replace = (blob: Blob): Promise<void> => backend.write(['contents'], (tx) => tx.put('contents', { hash, blob }));
  const refused = { code: 'bad-data', message: expect.stringContaining("content(text 'x' of run 'a')") as string };
  await replace(bytes(large - 1));
  await expect(records.content(x)).rejects.toMatchObject(refused);
  await replace(bytes(large, 3));
  await expect(records.content(x)).rejects.toMatchObject(refused);
  await backend.write(['contents'], (tx) => tx.delete('contents', hash));
  await expect(records.content(x)).rejects.toMatchObject(refused);
  // Given once more it is there again.
  await records.add('a', [text('again', 1, { content: bytes(large) })]);
  expect((await records.content(x))?.size).toBe(large);
  const altered = { ...small, content: { type: '', size: 10, hash: small.content?.hash ?? '', inline: new ArrayBuffer(10) } };
  await expect(records.content(altered)).rejects.toMatchObject({ code: 'bad-data' });
});

test('damaged records, and those of a newer program, are left out and reported; the others are read', async () => {
  const { backend, records, damage } = await make();
  await records.add('a', [text('x'), text('y')]);
  const [x] = (await records.list('a')) as [StoredRecord];
  // What a type says, a damaged database does not keep.
  const odd = [
    { ...x, index: 7, kind: 'hologram' },
    { ...x, index: 8, step: undefined },
    { ...x, index: 9, generation: 'new' },
  ] as unknown as StoredRecord[];
  await backend.write(['records'], async (tx) => void (await Promise.all(odd.map((record) => tx.put('records', record)))));
  expect(await tagsOf(records)).toEqual(['x', 'y']);
  expect(damage.map(({ code }) => code)).toEqual(['bad-data', 'bad-data', 'bad-data']);
});

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

test.each<readonly [what: string, code: string, change: object]>([
  ['an unknown kind', 'bad-data', { kind: 'hologram' }],
  ['no tag', 'bad-tag', { tag: '' }],
  ['a tag that is no text', 'bad-tag', { tag: 3 }],
  ['no step', 'bad-data', { step: undefined }],
  ['an infinite wall time', 'bad-data', { wallTime: Infinity }],
  ['data that is no object', 'bad-data', { data: 'text' }],
  ['a function in data', 'bad-data', { data: { f: () => {} } }],
  ['an instance of a class in data', 'bad-data', { data: { list: [new Map()] } }],
  ['data that holds itself', 'bad-data', { data: cyclic }],
  ['a big number', 'bad-data', { data: { n: 1n } }],
  ['content that is no Blob', 'bad-data', { content: new Uint8Array(3) }],
])('%s is refused with %s, and nothing of the call is stored', async (_what, code, change) => {
  const { records } = await make();
  // Wrong on purpose, as a program without types may be.
  const wrong = { ...text('x'), ...change } as NewRecord;
  await expect(records.add('a', [text('good'), wrong])).rejects.toMatchObject({
    code,
    message: expect.stringContaining("addRecords('a')") as string,
  });
  expect(await records.list('a')).toEqual([]);
});

test.each<readonly [what: string, query: object]>([
  ['an unknown kind', { kind: 'hologram' }],
  ['a tag without a kind', { tag: 'x' }],
  ['a negative index', { fromIndex: -1 }],
  ['half a record', { limit: 0.5 }],
])('a query with %s is refused', async (_what, query) => {
  const { records } = await make();
  await expect(records.list('a', query)).rejects.toMatchObject({ code: 'bad-options' });
});
