import { describe, expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';
import { UnifiedLogger, type UnifiedLoggerOptions } from '../../../src/writers/unified-logger.ts';

let count = 0;

async function begin(options: UnifiedLoggerOptions = {}): Promise<{ logger: UnifiedLogger; store: MetricStore; warnings: string[] }> {
  const store = memoryStore(`unified-${count++}`);
  const warnings: string[] = [];
  const logger = new UnifiedLogger({ store, logFreq: 'batch', onWarning: ({ text }) => warnings.push(text), ...options });
  await logger.createLoggerContext();
  return { logger, store, warnings };
}

function caught(act: () => unknown): LogError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof LogError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

const tensor = (values: number[], shape = [values.length]) => ({
  size: values.length,
  shape,
  dtype: 'float32',
  data: () => Promise.resolve(Float32Array.from(values)),
});

/** A dense layer of 3 × 2 and a convolution of 3 × 3 × 1 × 4 over 5 × 5 places, as tfjs shows them. */
const model = {
  name: 'tiny',
  layers: [
    { kernel: { name: 'k', shape: [3, 2] }, outputShape: [null, 2] },
    { kernel: { name: 'c', shape: [3, 3, 1, 4] }, outputShape: [null, 5, 5, 4] },
    { outputShape: [null, 4] },
  ],
  weights: [{ name: 'dense/kernel', shape: [3], read: () => tensor([1, 2, 3]) }],
  save: (handler: { save(artifacts: object): Promise<unknown> }) =>
    handler.save({
      modelTopology: { class: 'x' },
      weightSpecs: [{ name: 'w', shape: [1], dtype: 'float32' }],
      weightData: new Float32Array([7]).buffer,
    }),
};

describe('the rhythm of a unified logger', () => {
  test.each<[UnifiedLoggerOptions, (number | null | undefined)[]]>([
    [{ logFreq: 5 }, [0, 5, 10, null, undefined]],
    [{ logFreq: 'epoch' }, [null, undefined]],
    [{ logFreq: 'batch' }, [0, 1, 2, 3, 4, 5, 6, 10, null, undefined]],
  ])('%j logs the batches that itwinai logs', async (options, expected) => {
    const { logger } = await begin(options);
    const asked = [0, 1, 2, 3, 4, 5, 6, 10, null, undefined];
    expect(asked.filter((batchIdx) => logger.shouldLog(batchIdx))).toEqual(expected);
    await logger.destroyLoggerContext();
  });

  test.each<[number | number[], number, boolean]>([
    [0, 0, true],
    [0, 1, false],
    [[1, 3], 3, true],
    [[1, 3], 2, false],
    [-1, 7, true],
  ])('on workers %j the one of rank %d logs: %s', async (logOnWorkers, rank, isLogging) => {
    const logger = new UnifiedLogger({ store: false, logOnWorkers });
    await logger.createLoggerContext({ rank });
    expect(logger.shouldLog()).toBe(isLogging);
    logger.log(1, 'loss');
    await logger.destroyLoggerContext();
  });
});

describe('a unified logger', () => {
  test('puts every kind where the run keeps it', async () => {
    const { logger, store } = await begin();
    const { id } = logger.run;
    logger.log(0.5, 'train_loss', 'metric', { step: 3, batchIdx: 0 });
    logger.log(0.25, 'train_loss', 'metric', 4, 1);
    logger.log(0.1, 'lr', 'param');
    logger.log('# hello', 'notes', 'text');
    logger.log({ a: 1 }, 'settings', 'dict');
    logger.log({ values: [0, 255, 255, 0], shape: [2, 2] }, 'picture', 'image');
    logger.log({ type: 'line', data: {} }, 'chart', 'figure');
    logger.log([0, 0.5], 'sound', 'audio', { sampleRate: 8000 });
    logger.log([1, 2, 2], 'values', 'histogram');
    logger.log({ columns: ['a'], rows: [[1]] }, 'rows', 'table');
    logger.log(tensor([1, 2, 3, 4], [2, 2]), 'matrix', 'tensor');
    logger.log(new Blob(['x']), 'file.bin', 'artifact');
    logger.log([1, 2], 'list', 'artifact');
    logger.log(model, 'net', 'best_model');
    logger.log({ xs: new Float32Array([1, 2]), note: 'small' }, 'digits', 'dataset');
    logger.log(model, 'weights', 'watch');
    logger.log([model, 10], 'flops_per_batch', 'flops_pb');
    logger.log({ temperature: 40 }, 'machine', 'system');
    logger.log(12.5, 'time', 'execution_time');
    logger.log({ watts: 100, gramsPerKWh: 360, seconds: 3600 }, 'co2', 'carbon');
    logger.log(undefined, 'prov', 'prov_documents');
    await logger.destroyLoggerContext();

    const last = new Map((await store.lastValues(id)).map(({ tag, value, step }) => [tag, [step, value]]));
    expect(last.get('train_loss')).toEqual([4, 0.25]);
    expect(last.get('flops_per_batch')?.[1]).toBe(10 * (2 * 6 + 2 * 36 * 25));
    expect(last.get('machine/temperature')?.[1]).toBe(40);
    expect(last.get('time')?.[1]).toBe(12.5);
    // 0.1 kW for an hour at 360 g/kWh.
    expect(last.get('co2')?.[1]).toBeCloseTo(36, 9);
    const run = await store.run(id);
    expect(run?.config).toEqual({ lr: 0.1 });
    expect(run?.facts).toMatchObject({ 'model.best': 'net' });
    expect(run?.status).toBe('finished');
    const records = await store.records(id);
    const kinds = new Map(records.map(({ tag, kind, data }) => [tag, kind === 'file' ? data?.['fileName'] : kind]));
    expect(Object.fromEntries(kinds)).toEqual({
      notes: 'text',
      settings: 'settings.json',
      picture: 'image',
      chart: 'figure',
      sound: 'audio',
      values: 'histogram',
      rows: 'table',
      matrix: 'matrix.npy',
      'file.bin': 'file.bin',
      list: 'list.json',
      net: 'net.json',
      'net.weights': 'net.weights.bin',
      digits: 'digits.json',
      'weights/dense/kernel': 'histogram',
      'prov.json': 'prov.json',
      'prov.svg': 'prov.svg',
    });
    const textOf = async (tag: string): Promise<string> => {
      const record = records.find((one) => one.tag === tag);
      return record === undefined ? '' : ((await (await store.content(record))?.text()) ?? '');
    };
    expect(JSON.parse(await textOf('digits'))).toEqual({
      // hashlib.sha256(numpy.array([1, 2], '<f4').tobytes()).hexdigest()
      xs: { shape: [2], dtype: 'Float32Array', count: 2, sha256: 'b9c80b5adeca450753a16950c3cc655d271f7bef7a485bc83f112b72fef21d37' },
      note: 'small',
    });
    expect(JSON.parse(await textOf('net'))).toMatchObject({ weightsManifest: [{ paths: ['net.weights.bin'] }] });
    const provenance = JSON.parse(await textOf('prov.json')) as { entity: Record<string, unknown>; activity: object };
    expect(provenance.entity['run:train_loss']).toEqual({ 'prov:type': 'metric', 'run:step': 4, 'run:value': 0.25 });
    expect(Object.keys(provenance.activity)).toEqual([`run:${id}`]);
  });

  test('looks at a watched model every so many steps', async () => {
    const { logger, store } = await begin();
    const { id } = logger.run;
    logger.log(model, 'w', 'watch', { every: 10 });
    for (let step = 0; step < 25; step++) logger.log(step, 'loss', 'metric', { step });
    await logger.destroyLoggerContext();
    const steps = (await store.records(id, { kind: 'histogram' })).map(({ step }) => step);
    expect(steps).toEqual([0, 10, 20]);
  });

  test.each<[string, (logger: UnifiedLogger) => unknown, string]>([
    ['an unknown kind', (logger) => logger.log(1, 'x', 'metrics' as 'metric'), 'need one of metric, param, text'],
    ['no name', (logger) => logger.log(1, ''), 'need a name for the item'],
    ['a carbon item without power', (logger) => logger.log({} as never, 'co2', 'carbon'), 'a page cannot measure power'],
    ['a model that cannot be saved', (logger) => logger.log({} as never, 'net', 'model'), 'need a model with save()'],
    ['flops of nothing', (logger) => logger.log('many' as never, 'flops', 'flops'), 'need a number, a model with layers'],
  ])('refuses %s', async (_, act, message) => {
    const { logger } = await begin();
    expect(caught(() => act(logger)).message).toContain(message);
    await logger.destroyLoggerContext();
  });

  test('says so when something is logged before it has begun', () => {
    const logger = new UnifiedLogger({ store: false });
    expect(caught(() => logger.log(1, 'loss')).message).toBe(
      "UnifiedLogger.log(…, 'loss'): logging has not begun, or has ended. Call await createLoggerContext() first.",
    );
  });

  test('begun twice warns and goes on', async () => {
    const { logger, warnings } = await begin();
    const { id } = logger.run;
    await logger.createLoggerContext();
    expect(warnings).toHaveLength(1);
    expect(logger.run.id).toBe(id);
    await logger.destroyLoggerContext();
  });

  test('ends a scope as failed when it throws, with the very error', async () => {
    const store = memoryStore('scope');
    const logger = new UnifiedLogger({ store });
    const error = new Error('boom');
    await expect(
      logger.startLogging(() => {
        throw error;
      }),
    ).rejects.toBe(error);
    expect((await store.runs()).map(({ status }) => status)).toEqual(['failed']);
  });

  test('ends with the error of an item that could not be read', async () => {
    const { logger } = await begin();
    const broken = { ...tensor([1]), data: () => Promise.reject(new Error('lost')) };
    logger.log(broken, 'x', 'tensor');
    await expect(logger.destroyLoggerContext()).rejects.toThrow('lost');
  });
});

describe('an error', () => {
  test.each([
    ['text', 5, 'got the number 5'],
    ['image', 'x', 'got the string "x"'],
    ['metric', 'x', 'got the string "x"'],
    ['table', 3, ''],
    ['audio', 'x', ''],
  ] as const)('of the kind %s quotes the call of the user', async (kind, item, found) => {
    const { logger } = await begin();
    const error = caught(() => logger.log(item as never, 'a (b)', kind));
    expect(error.message).toMatch(/^logger\.log\(…, 'a \(b\)', '\w+'\): /);
    expect(error.message).toContain(found);
    expect(error.message).not.toContain('run.log');
    await logger.destroyLoggerContext();
  });

  test('of each item that fails later is told in the end, and the run is finished all the same', async () => {
    const { logger, store } = await begin();
    const { id } = logger.run;
    const lost = (name: string) => ({ save: () => Promise.reject(new Error(`no room for ${name}`)) });
    logger.log(lost('a') as never, 'a', 'model');
    logger.log(lost('b') as never, 'b', 'model');
    const error = await logger.destroyLoggerContext().catch((thrown: unknown) => thrown as LogError);
    expect(error?.message).toContain("logger.log(…, 'a', 'model'): no room for a");
    expect(error?.message).toContain("logger.log(…, 'b', 'model'): no room for b");
    expect((error?.cause as AggregateError | undefined)?.errors).toHaveLength(2);
    expect((await store.run(id))?.status).toBe('finished');
  });
});
