/// <reference types="node" />
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { csv, tfevents, toZip } from '../../src/export/index.ts';
import type { MetricStore } from '../../src/store/metric-store.ts';
import { memoryStore } from '../../src/store/index.ts';
import { addInterestingRuns, oddTags } from './interesting-runs.ts';
import { runPython, startTensorBoard } from './python.ts';
import type { TensorBoard } from './python.ts';

const startUpLines = [
  /^TensorFlow installation not found - running with reduced feature set\.$/,
  /^TensorBoard [\d.]+ at http:\/\/127\.0\.0\.1:\d+\/ \(Press CTRL\+C to quit\)$/,
  /^TensorBoard caught SIGTERM; exiting\.\.\.$/,
];

type Row = readonly [wallTime: number, step: number, value: number | string];

let store: MetricStore;
let ids: string[];
let folder: string;
let eventsOnly: string;

// The archives are unpacked by Python, so its own zip reader has to be content with them.
async function unpacked(stream: ReadableStream<Uint8Array>): Promise<string> {
  const into = mkdtempSync(join(tmpdir(), 'tabtrain-interop-'));
  writeFileSync(join(into, 'runs.zip'), new Uint8Array(await new Response(stream).arrayBuffer()));
  runPython("import zipfile; z = zipfile.ZipFile('runs.zip'); assert z.testzip() is None; z.extractall('log')", into);
  return join(into, 'log');
}

beforeAll(async () => {
  store = memoryStore('interop');
  ids = await addInterestingRuns(store);
  folder = await unpacked(toZip([tfevents(store, ids), csv(store, ids)]));
  eventsOnly = await unpacked(toZip(tfevents(store, ids.slice(0, 1))));
});

afterAll(() => {
  for (const log of [folder, eventsOnly]) rmSync(join(log, '..'), { recursive: true, force: true });
});

const runNames = ['mnist/mlp', 'mnist/mnist-1', 'odd - project/ünï -run-', 'mnist/special', 'mnist/empty', 'mnist/huge'];

async function storedRows(runId: string, tag: string): Promise<Row[]> {
  const series = await store.series(runId, tag);
  expect(series.kind).toBe('points');
  return [...series.step].map((step, i) => [series.wallTime[i]!, step, asJson(Math.fround((series as { value: Float64Array }).value[i]!))]);
}

// TensorBoard writes numbers that JSON does not have as text.
function asJson(value: number): number | string {
  return Number.isFinite(value) ? value + 0 : String(value);
}

describe.each(['fast', 'slow'] as const)("TensorBoard's %s loader", (loader) => {
  let board: TensorBoard;

  beforeAll(async () => {
    board = await startTensorBoard(folder, loader, 'scalars=1000000');
    // Both loaders answer before they have read everything.
    await vi.waitFor(
      async () => {
        expect(((await board.data('runs')) as string[]).length).toBe(runNames.length);
        expect(Object.keys((await board.data('plugin/scalars/tags')) as object).length).toBe(runNames.length - 1);
      },
      { timeout: 60_000, interval: 100 },
    );
  });

  afterAll(() => board.close());

  const scalars = async (run: string, tag: string): Promise<Row[]> => (await board.data('plugin/scalars/scalars', { run, tag })) as Row[];

  test('lists the runs by their folders', async () => {
    expect(((await board.data('runs')) as string[]).sort()).toEqual([...runNames].sort());
  });

  test('shows every tag, odd ones included', async () => {
    const tags = (await board.data('plugin/scalars/tags')) as Record<string, Record<string, unknown>>;
    expect(Object.keys(tags['mnist/mlp']!).sort()).toEqual([
      'train/loss/epoch',
      'train/loss/step',
      'train/lr',
      'train/metrics/accuracy/epoch',
      'val/loss/epoch',
      'val/metrics/accuracy/epoch',
    ]);
    const wanted = oddTags.map((tag) => (tag === '_hparams_/mine' ? 'logged/_hparams_/mine' : tag));
    expect(Object.keys(tags['odd - project/ünï -run-']!).sort()).toEqual(wanted.sort());
  });

  test.each(['train/loss/step', 'train/lr', 'train/loss/epoch', 'val/metrics/accuracy/epoch'])('shows all points of %s', async (tag) => {
    const rows = await scalars('mnist/mlp', tag);
    expect(rows).toEqual(await storedRows(ids[0]!, tag));
    expect(rows.length).toBe(tag === 'train/loss/step' || tag === 'train/lr' ? 3000 : 10);
  });

  test.each(oddTags)('shows the values of the tag %j', async (tag) => {
    const shown = tag === '_hparams_/mine' ? 'logged/_hparams_/mine' : tag;
    expect((await scalars('odd - project/ünï -run-', shown)).map(([, step, value]) => [step, value])).toEqual([
      [0, 0],
      [1, 0.3333333432674408],
      [2, 0.6666666865348816],
    ]);
  });

  test('shows NaN, infinities, repeated steps, steps that went back, negative and huge steps', async () => {
    const pairs = async (tag: string) => (await scalars('mnist/special', tag)).map(([, step, value]) => [step, value]);
    expect((await pairs('special/values')).map(([, value]) => value)).toEqual([
      0,
      -0,
      'NaN',
      'Infinity',
      '-Infinity',
      'Infinity',
      -0,
      0.3333333432674408,
    ]);
    expect(await pairs('special/repeated')).toEqual([
      [0, 0],
      [1, 3],
      [2, 5],
    ]);
    expect(await pairs('special/resumed')).toEqual([
      [0, 0],
      [1, 4],
      [2, 5],
      [3, 3],
      [5, 6],
    ]);
    expect(await pairs('special/steps')).toEqual([
      [-5, -5],
      [0, 0],
      [2 ** 31 - 1, 2 ** 31],
    ]);
    expect((await scalars('mnist/huge', 'loss')).map(([, step]) => step)).toEqual([0, 2 ** 40]);
  });

  test('shows the hyperparameters with their types, and how each run ended', async () => {
    const experiment = (await board.data('plugin/hparams/experiment', {}, { experimentName: '' })) as {
      hparamInfos: { name: string; type: string }[];
    };
    expect(Object.fromEntries(experiment.hparamInfos.map(({ name, type }) => [name, type]))).toEqual({
      lr: 'DATA_TYPE_FLOAT64',
      layers: 'DATA_TYPE_STRING',
      'optimizer/name': 'DATA_TYPE_STRING',
      'optimizer/beta1': 'DATA_TYPE_FLOAT64',
      shuffle: 'DATA_TYPE_BOOL',
      seed: 'DATA_TYPE_FLOAT64',
      clip: 'DATA_TYPE_STRING',
      note: 'DATA_TYPE_STRING',
      clé: 'DATA_TYPE_STRING',
    });
    const question = { experimentName: '', allowedStatuses: ['STATUS_UNKNOWN', 'STATUS_SUCCESS', 'STATUS_FAILURE', 'STATUS_RUNNING'] };
    const { sessionGroups } = (await board.data(
      'plugin/hparams/session_groups',
      {},
      { ...question, startIndex: 0, sliceSize: 100, colParams: [] },
    )) as {
      sessionGroups: { hparams: Record<string, unknown>; sessions: { name: string; status: string; startTimeSecs: number }[] }[];
    };
    const byName = new Map(sessionGroups.map(({ hparams, sessions }) => [sessions[0]!.name, { hparams, ...sessions[0]! }]));
    // A run with steps beyond 32 bits would break the tab for all.
    expect([...byName.keys()].sort()).toEqual(runNames.filter((name) => name !== 'mnist/huge').sort());
    expect(byName.get('mnist/mlp')).toMatchObject({
      status: 'STATUS_SUCCESS',
      startTimeSecs: 1_700_000_000,
      hparams: {
        lr: 0.03,
        layers: '[128,64]',
        'optimizer/name': 'adam',
        shuffle: false,
        seed: 0,
        clip: 'Infinity',
        note: '=cmd|"x"',
        clé: 'é, "ü"',
      },
    });
    expect(byName.get('mnist/mnist-1')).toMatchObject({ status: 'STATUS_FAILURE', hparams: { lr: 0.1, shuffle: true } });
    expect(byName.get('mnist/special')).toMatchObject({ status: 'STATUS_UNKNOWN' });
  });

  test('shows one custom chart for each card, training and validation together', async () => {
    const layout = (await board.data('plugin/custom_scalars/layout')) as { category: { title: string; chart: { title: string }[] }[] };
    expect(layout.category.map(({ title }) => title)).toEqual(['Training and validation']);
    const titles = layout.category[0]!.chart.map(({ title }) => title);
    expect(titles.length).toBe(new Set(titles).size);
    expect(titles).toEqual(expect.arrayContaining(['loss', 'lr', 'metrics/accuracy', 'special/steps', '(group) [x] {y} +*.^$|']));
    const chart = (await board.data('plugin/custom_scalars/scalars', {
      run: 'mnist/mlp',
      tag: '((train|validation|val|test)[/_])?loss([/_](step|epoch))?$',
    })) as {
      regex_valid: boolean;
      tag_to_events: Record<string, unknown>;
    };
    expect(chart.regex_valid).toBe(true);
    expect(Object.keys(chart.tag_to_events).sort()).toEqual(['train/loss/epoch', 'train/loss/step', 'val/loss/epoch']);
  });

  test('says nothing on standard error beyond its start', async () => {
    const lines = await board.close();
    expect(lines.filter((line) => !startUpLines.some((known) => known.test(line)))).toEqual([]);
  });
});

function pandasLines(log: string): string {
  const text = readFileSync(join(log, 'OPEN-ME.txt'), 'utf8');
  const lines = /^pandas .*\n((?: {2}.*\n)+)/m.exec(text)![1]!.trimEnd().split('\n');
  expect(lines.length).toBe(3);
  return lines.map((line) => line.trim()).join('\n');
}

const printRows = `
import json
print(json.dumps([[str(cell) if isinstance(cell, str) else repr(float(cell)) for cell in row] for row in df.itertuples(index=False)]))`;

test('the pandas lines of OPEN-ME.txt read the table to the numbers of the store, to the last bit', async () => {
  const rows = JSON.parse(
    runPython(
      `${pandasLines(folder)}\ndf = df[['run', 'tag', 'step', 'epoch', 'wall_time', 'value']].fillna({'tag': 'NA'})${printRows}`,
      folder,
    )
      .trimEnd()
      .split('\n')
      .at(-1)!,
  ) as string[][];
  const wanted: (string | number)[][] = [];
  for (const [i, id] of ids.entries()) {
    for await (const chunk of store.chunks(id)) {
      chunk.step.forEach((step, row) => {
        const tag = chunk.tags[chunk.tag[row]!]!;
        wanted.push([runNames[i]!, tag === '=1+1' ? "'=1+1" : tag, step, chunk.epoch[row]!, chunk.wallTime[row]!, chunk.value[row]!]);
      });
    }
  }
  const read = rows.map(([run, tag, ...numbers]) => [
    run,
    tag,
    ...numbers.map((text) => (text === 'nan' ? NaN : Number(text.replace('inf', 'Infinity')))),
  ]);
  // The table is in log order; the store gives what it has compacted tag by tag.
  expect(byRunAndTag(read)).toEqual(byRunAndTag(wanted));
});

function byRunAndTag(list: readonly (readonly unknown[])[]): Readonly<Record<string, readonly (readonly unknown[])[]>> {
  const groups: Record<string, (readonly unknown[])[]> = {};
  for (const row of list) (groups[JSON.stringify(row.slice(0, 2))] ??= []).push(row);
  return groups;
}

test('with the options of the documentation a tag named NA stays text and config columns keep their types', () => {
  const out = runPython(
    `import pandas as pd
df = pd.read_csv('metrics.csv', float_precision='round_trip', keep_default_na=False, na_values={'value': ['NaN'], 'config/lr': ['']})
print((df.tag == 'NA').sum(), df.value.dtype, df['config/lr'].dtype, df['config/lr'].max(), list(df.columns[6:]))`,
    folder,
  );
  expect(out.trim()).toBe(
    "3 float64 float64 7.0 ['config/lr', 'config/layers', 'config/optimizer/name', 'config/optimizer/beta1', 'config/shuffle', 'config/seed', 'config/clip', 'config/note', 'config/clé']",
  );
});

test('without a table the pandas lines of OPEN-ME.txt read the event file', async () => {
  const rows = JSON.parse(
    runPython(`${pandasLines(eventsOnly)}\ndf = df[df.tag == 'train/loss/step']${printRows}`, eventsOnly),
  ) as string[][];
  const wanted = await storedRows(ids[0]!, 'train/loss/step');
  expect(rows.map(([, step, wallTime, value]) => [Number(wallTime), Number(step), Number(value)])).toEqual(wanted);
});
