import fc from 'fast-check';
import type { NewRecord, RecordData } from '../../../src/core/records.ts';
import type { Config, Json } from '../../../src/core/run-info.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { chunkOf, type ChunkPoint } from '../../../src/testing/index.ts';

/** A run as a test writes it down: what was logged in each of its generations. */
export interface Logged {
  readonly about: {
    readonly project: string;
    readonly name?: string;
    readonly config: Config;
    readonly facts?: Readonly<Record<string, Json>>;
    readonly tags?: readonly string[];
    readonly notes?: string;
    readonly source?: string;
  };
  readonly isNested: boolean;
  readonly generations: readonly {
    readonly fromStep?: number;
    readonly chunks: readonly (readonly ChunkPoint[])[];
    readonly records: readonly NewRecord[];
  }[];
  readonly end: {
    readonly status?: 'finished' | 'failed' | 'stopped';
    readonly endedAt?: number;
    readonly failure?: string;
    readonly isStarred?: boolean;
    readonly isArchived?: boolean;
  };
}

const startedAt = 1_700_000_000;
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('\ud800', '<b>', '=1+1', '../x', '$number', 'é\u0000'),
);
const someText = text.filter((one) => one !== '');
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(NaN, -0, Infinity, -Infinity, 2 ** 53, 5e-324));
const key = someText.filter((one) => one !== '__proto__');
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    number,
    text,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(key, fc.constantFrom('$number', '$object', '$Uint8Array')), tie('json'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const plain = fc.dictionary(key, json, { maxKeys: 3, noNullPrototype: true });

const point: fc.Arbitrary<ChunkPoint> = fc.record({
  tag: fc.oneof(fc.constantFrom('x', 'y', 'val/loss'), someText),
  step: fc.oneof(fc.integer({ min: 0, max: 30 }), number),
  epoch: fc.oneof(fc.constant(0), number),
  wallTime: fc.oneof(
    fc.integer({ min: 0, max: 99 }).map((ms) => startedAt + ms / 1000),
    number,
  ),
  value: number,
});
// Long enough to be compacted.
const stretch = fc.integer({ min: 3000, max: 6000 }).map((length) =>
  Array.from({ length }, (_, i) => ({
    tag: i % 2 === 0 ? 'x' : 'y',
    step: i >> 1,
    value: Math.sin(i),
    epoch: i >> 10,
    wallTime: startedAt + i / 10,
  })),
);
const chunk = fc.oneof({ weight: 9, arbitrary: fc.array(point, { maxLength: 8 }) }, { weight: 1, arbitrary: stretch });

const column = fc.oneof(
  fc.float64Array({ maxLength: 4 }),
  fc.float32Array({ maxLength: 4 }),
  fc.uint32Array({ maxLength: 4 }),
  fc.int32Array({ maxLength: 4 }),
  fc.uint8Array({ maxLength: 4 }),
);
const content = fc
  .record({
    size: fc.constantFrom(0, 1, 4096, 4097, 20_000),
    seed: fc.integer({ min: 0, max: 2 }),
    type: fc.constantFrom('', 'image/png', 'text/plain;charset=utf-8'),
  })
  .map(({ size, seed, type }) => new Blob([Uint8Array.from({ length: size }, (_, at) => (at * 7 + seed) % 251)], { type }));
const finite = fc.double({ noDefaultInfinity: true, noNaN: true });
const record: fc.Arbitrary<NewRecord> = fc.record(
  {
    kind: fc.constantFrom('text', 'image', 'audio', 'histogram', 'table', 'figure', 'event', 'alert', 'graph', 'checkpoint', 'file'),
    tag: someText,
    step: fc.oneof(fc.integer({ min: 0, max: 30 }), finite),
    epoch: finite,
    wallTime: finite,
    data: fc.dictionary(someText, fc.oneof(json, column), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<RecordData>,
    content,
  },
  { requiredKeys: ['kind', 'tag', 'step', 'epoch', 'wallTime'] },
);

/** A run of any kind. */
export const loggedRun: fc.Arbitrary<Logged> = fc.record({
  about: fc.record(
    {
      project: someText,
      name: someText,
      config: plain,
      facts: plain,
      tags: fc.array(text, { maxLength: 2 }),
      notes: text,
      source: someText,
    },
    { requiredKeys: ['project', 'config'] },
  ),
  isNested: fc.boolean(),
  generations: fc.array(
    fc.record(
      { fromStep: fc.integer({ min: 0, max: 30 }), chunks: fc.array(chunk, { maxLength: 3 }), records: fc.array(record, { maxLength: 4 }) },
      { requiredKeys: ['chunks', 'records'] },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  end: fc.record(
    {
      status: fc.constantFrom('finished', 'failed', 'stopped'),
      endedAt: fc.double({ min: -8.64e12, max: 8.64e12, noNaN: true }),
      failure: someText,
      isStarred: fc.boolean(),
      isArchived: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
});

/** Logs such a run; a nested one belongs to `parent`. Resolves with its id. */
export async function logRun(
  store: MetricStore,
  { about, isNested, generations, end }: Logged,
  parent: string | undefined,
): Promise<string> {
  const { id } = await store.createRun({ ...about, startedAt, ...(isNested && parent !== undefined ? { parent } : {}) });
  let seq = 0;
  for (const [i, { fromStep, chunks, records }] of generations.entries()) {
    if (i > 0) seq = (await store.resumeRun(id, { at: startedAt + i, ...(fromStep === undefined ? {} : { fromStep }) })).nextSeq;
    for (const points of chunks) await store.append(chunkOf(id, seq++, points));
    await store.addRecords(id, records);
  }
  await store.updateRun(id, end);
  return id;
}
