import { describe, expect, test } from 'vitest';
import { difference, type Kept, readCases, restored } from './fixtures.ts';
import { argsOf, build, type MetricCase, plain, type Replayed } from './replay-metric.ts';

const tolerance = 1e-6;

describe.each(['binary', 'multiclass', 'multilabel', 'curves', 'scores', 'regression', 'aggregation'])('metrics of %s', (part) => {
  const cases = readCases<MetricCase>(`metrics-${part}`);

  test('there are cases to compare with', () => {
    expect(cases.length).toBeGreaterThan(50);
  });

  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const metric = build(one);
    const differences: string[] = [];
    const check = async (what: string, act: () => Promise<unknown>, theirs: Kept | undefined): Promise<void> => {
      const found = await compare(act, theirs);
      if (found !== undefined) differences.push(`${what}: ${found}`);
    };
    for (const [index, batch] of one.batches.entries()) {
      await check(`forward of batch ${index}`, () => metric.forward(...argsOf(batch)), one.forward[index]);
    }
    await check('compute', () => metric.compute(), one.compute);
    await check('compute after update', () => computeOf(updated(one, one.batches)), one.updated ?? one.compute);
    await check('compute after a merge', () => computeMerged(one), one.merged);
    await check('scikit-learn', () => metric.compute(), one.sklearn);
    if (differences.length > 0) expect.fail(differences.join('\n'));
  });
});

async function computeOf(metric: Replayed): Promise<unknown> {
  return await metric.compute();
}

async function computeMerged(one: MetricCase): Promise<unknown> {
  const half = Math.floor(one.batches.length / 2);
  const whole = updated(one, one.batches.slice(0, half));
  whole.mergeState?.(updated(one, one.batches.slice(half)));
  return await whole.compute();
}

function updated(one: MetricCase, batches: readonly (readonly Kept[])[]): Replayed {
  const metric = build(one);
  for (const batch of batches) metric.update(...argsOf(batch));
  return metric;
}

/** Says how our value differs from theirs. Where they refuse, we are to refuse; `null` stands for a crash of theirs. */
async function compare(act: () => Promise<unknown>, theirs: Kept | undefined): Promise<string | undefined> {
  if (theirs === undefined) return undefined;
  if (theirs === null) {
    await act();
    return undefined;
  }
  if (isRefusal(theirs)) {
    try {
      return `ours ${JSON.stringify(await act())}, theirs refuses with ${theirs.error}`;
    } catch {
      return undefined;
    }
  }
  const ours = plain(await act());
  let expected = restored(theirs);
  // CatMetric has no list around a single value in torchmetrics.
  if (Array.isArray(ours) && ours.length === 1 && typeof expected === 'number') expected = [expected];
  // Curves with fixed thresholds have one list of them in torchmetrics, and one each here.
  return difference(ours, sharedThresholds(ours, expected), tolerance);
}

function isRefusal(kept: Kept): kept is { readonly error: string } {
  return typeof kept === 'object' && kept !== null && 'error' in kept;
}

function sharedThresholds(ours: unknown, theirs: unknown): unknown {
  if (!Array.isArray(ours) || !Array.isArray(theirs) || ours.length !== 3 || theirs.length !== 3) return theirs;
  const [mine, other]: unknown[] = [ours[2], theirs[2]];
  const isShared = Array.isArray(mine) && Array.isArray(mine[0]) && Array.isArray(other) && !Array.isArray(other[0]);
  return isShared ? [theirs[0], theirs[1], mine.map(() => other)] : theirs;
}
