import { describe, expect, test } from 'vitest';
import { difference, type Kept, readCases, restored } from './fixtures.ts';
import { canReplay, replay, type Schedule, type Wrote } from './replay-schedule.ts';

/** Everything is exact in float64 but the golden timeline, whose values are not multiples of 1/64. */
const tolerance = 1e-12;
const refusals = ['bad-options', 'wrong-hook', 'bad-tag', 'bad-value'];

describe.each(['golden', 'table', 'fit', 'more'])('schedules: %s', (part) => {
  const cases = readCases<Schedule>(`schedules-${part}`);

  test('there are cases to compare with', () => {
    expect(cases.length).toBeGreaterThan(4);
  });

  test.each(cases.filter(canReplay).map((one) => [one.name, one] as const))('%s', async (_, schedule) => {
    const ours = await replay(schedule);
    const differences = compare(ours, schedule.wrote);
    if (differences.length > 0) expect.fail(differences.join('\n'));
  });
});

function compare(ours: Wrote, theirs: Wrote): string[] {
  const found: (string | undefined)[] = [];
  if (theirs.error === undefined) {
    found.push(ours.error === undefined ? undefined : `ours ends with ${ours.error}`);
  } else if (!refusals.includes(ours.error ?? '')) {
    found.push(`theirs ends with ${theirs.error}, ours ${ours.error === undefined ? 'without an error' : `with ${ours.error}`}`);
  }
  // What a step has logged before it threw is written here, and lost there.
  const isOneMore = theirs.error !== undefined && ours.rows.length === theirs.rows.length + 1;
  found.push(...compareRows(isOneMore ? ours.rows.slice(0, -1) : ours.rows, theirs.rows));
  if (theirs.error === undefined) {
    found.push(difference(ours.csv, theirs.csv, 0, 'csv'));
    for (const [index, view] of theirs.seen.entries())
      found.push(difference(ours.seen[index], restored(view as unknown as Kept), tolerance, `${view.when} ${index}`));
    if (ours.seen.length !== theirs.seen.length) found.push(`ours is seen ${ours.seen.length} times, theirs ${theirs.seen.length}`);
    found.push(difference(ours.end, restored(theirs.end as unknown as Kept), tolerance, 'end'));
  }
  return found.filter((one) => one !== undefined);
}

function compareRows(ours: Wrote['rows'], theirs: Wrote['rows']): (string | undefined)[] {
  const rows = Math.max(ours.length, theirs.length);
  return Array.from({ length: rows }, (_, index) => {
    const [mine, other] = [ours[index], theirs[index]];
    if (mine === undefined || other === undefined) return `row ${index}: ours ${JSON.stringify(mine)}, theirs ${JSON.stringify(other)}`;
    return difference([...mine], restored(other as unknown as Kept), tolerance, `row ${index} `);
  });
}
