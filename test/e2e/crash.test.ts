/// <reference types="node" />
import { expect, test } from '@playwright/test';
import type { Found } from './fixtures/crash/look.ts';
import type { News, Stretch } from './fixtures/crash/values.ts';
import { type FixtureSite, serveFixture } from './support/fixture-site.ts';
import { PersistentBrowser, type Tab } from './support/persistent-browser.ts';
import { seededRandom } from './support/random.ts';

// Runs whose writer is killed at a random moment, while it logs or while its journal is compacted, in a browser with a profile on
// disk. What the writer meant to log and what the store acknowledged is recorded here, outside of what is killed.
// `npm run campaign` makes 200 rounds; another seed makes other ones.

const rounds = Number(process.env['TABTRAIN_CRASHES'] ?? 6);
const seed = Number(process.env['TABTRAIN_SEED'] ?? 1);

/** Points that may be lost with their writer, beside those of one step: what may wait for the database, flushes under way included. */
const lossWindow = 16 * 4096;
/** Points between two announcements of what will be logged. */
const pointsAtOnce = 2048;

const ways = [
  'its renderer is killed',
  'its worker is terminated',
  'the browser is killed',
  'its page is closed',
  'it is frozen, thawed and its renderer killed',
  'its page crashes',
  'it is frozen and its renderer killed',
  'its page goes elsewhere',
] as const;

type Way = (typeof ways)[number];
type Phase = 'acknowledged' | 'packing' | 'replacing';

interface Plan {
  readonly runId: string;
  readonly way: Way;
  readonly where: 'page' | 'worker';
  readonly tags: number;
  readonly stepsAtOnce: number;
  /** It ends at the nth news of this kind. */
  readonly phase: Phase;
  readonly nth: number;
  readonly unitBytes: number | undefined;
  /** Where it is continued from. Default: where it ended. */
  readonly goesBack: boolean;
}

function planOf(round: number): Plan {
  const random = seededRandom(seed * 100_003 + round);
  const upTo = (most: number): number => Math.floor(random() * most);
  const way = ways[round % ways.length] as Way;
  // Each way in each phase: the phases shift by one with each turn of the ways.
  const phase = (['acknowledged', 'packing', 'acknowledged', 'replacing'] as const)[(round + Math.floor(round / ways.length)) % 4] as Phase;
  const tags = [3, 20, 400][upTo(3)] ?? 3;
  return {
    runId: `round-${round}`,
    way,
    where: way === 'its worker is terminated' || random() < 0.5 ? 'worker' : 'page',
    tags,
    stepsAtOnce: Math.ceil(pointsAtOnce / tags),
    phase,
    nth: 1 + upTo({ acknowledged: 60, packing: 12, replacing: 4 }[phase]),
    unitBytes: phase === 'acknowledged' && random() < 0.5 ? undefined : 2 ** (15 + upTo(4)),
    goesBack: random() < 0.5,
  };
}

/** What is known of a writer from outside. */
class Witness {
  intent = 0;
  acknowledged = 0;
  failed: string | undefined;
  readonly #counts: Record<Phase, number> = { acknowledged: 0, packing: 0, replacing: 0 };
  readonly #waiting = new Set<() => void>();

  hear(news: News): void {
    if ('intent' in news) this.intent = Math.max(this.intent, news.intent);
    if ('acknowledged' in news) this.acknowledged = Math.max(this.acknowledged, news.acknowledged);
    if ('failed' in news) this.failed = news.failed;
    for (const phase of ['acknowledged', 'packing', 'replacing'] as const) if (phase in news) this.#counts[phase] += 1;
    for (const look of this.#waiting) look();
  }

  /** Resolves the moment the nth news of a kind from now on is here. */
  until(phase: Phase, nth: number): Promise<void> {
    const end = this.#counts[phase] + nth;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.failed !== undefined) reject(new Error(this.failed));
        else if (this.#counts[phase] >= end) resolve();
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

let site: FixtureSite;
let browser: PersistentBrowser;

test.beforeAll(async () => {
  site = await serveFixture('crash', ['victim.html', 'look.html']);
  browser = await PersistentBrowser.start();
});

test.afterAll(async () => {
  await browser?.close();
  await site?.close();
});

function open(page: 'victim' | 'look'): Promise<Tab> {
  return browser.open(`${site.origin}/${page}.html`);
}

async function end(victim: Tab, { way, runId, where }: Plan, witness: Witness): Promise<void> {
  if (way.includes('frozen')) await victim.setFrozen(true);
  // Another tab reads meanwhile. A worker is frozen without a word, within whatever transaction it is; browsers leave alone what stands
  // in others' way like that, but not when they are told to freeze it by force.
  if (way.includes('frozen') && where === 'page') {
    const reader = await open('look');
    expect(await reader.evaluate((id) => globalThis.statusOf(id), runId)).toBe('running');
    await reader.close();
  }
  if (way.includes('thawed')) {
    const before = witness.intent;
    await victim.setFrozen(false);
    await expect.poll(() => witness.intent, { timeout: 30_000 }).toBeGreaterThan(before);
  }
  if (way === 'the browser is killed') await browser.killAndRestart();
  else if (way === 'its worker is terminated') await victim.evaluate(() => globalThis.terminateWorker());
  else if (way === 'its page is closed') await victim.close();
  else if (way === 'its page goes elsewhere') await victim.goto('about:blank');
  else if (way === 'its page crashes') await victim.crash(() => victim.send('Page.crash'));
  else await victim.crash(() => browser.killRenderers());
}

function look(reader: Tab, { runId, tags }: Plan, expected: readonly Stretch[]): Promise<Found> {
  return reader.evaluate((...args) => globalThis.look(...args), runId, tags, expected);
}

interface Outcome {
  /** What has to be in the run from now on. */
  readonly expected: readonly Stretch[];
  /** Points that were surely logged and are not there. */
  readonly lost: number;
}

async function kill(plan: Plan): Promise<Outcome> {
  const witness = new Witness();
  const deaf = site.onNews((news) => {
    // Only the fixture posts here.
    if ((news as News).runId === plan.runId) witness.hear(news as News);
  });
  const victim = await open('victim');
  const { runId, tags, stepsAtOnce, unitBytes } = plan;
  await victim.evaluate((options, where) => globalThis.startWriting(options, where), { runId, tags, stepsAtOnce, unitBytes }, plan.where);
  await witness.until(plan.phase, plan.nth);
  await end(victim, plan, witness);

  const reader = await open('look');
  await expect.poll(() => reader.evaluate((id) => globalThis.statusOf(id), runId), { timeout: 30_000 }).not.toBe('running');
  // Only now: a page that is closed may go on for a moment.
  deaf();
  const found = await look(reader, plan, [{ from: 0, to: Infinity, generation: 0 }]);
  expect(found.problems).toEqual([]);
  expect(found.status).toBe('interrupted');
  expect(found.points, 'stored against acknowledged').toBeGreaterThanOrEqual(witness.acknowledged);
  expect(found.steps, 'stored against logged').toBeLessThanOrEqual(witness.intent);
  const lost = Math.max(0, (witness.intent - plan.stepsAtOnce) * plan.tags - found.points);
  expect(lost, 'points lost').toBeLessThanOrEqual(lossWindow + plan.tags);

  // It can be continued, from where it ended or from further back, and exported.
  const more = 50;
  const from = plan.goesBack ? Math.floor(found.steps / 2) : found.steps;
  await reader.evaluate((...args) => globalThis.goOn(...args), runId, tags, more, plan.goesBack ? from : undefined);
  const expected: readonly Stretch[] = [
    { from: 0, to: from, generation: 0 },
    { from, to: from + more, generation: 1 },
  ];
  expect(await look(reader, plan, expected)).toMatchObject({ problems: [], status: 'finished', steps: from + more });
  expect(await reader.evaluate((...args) => globalThis.exported(...args), runId, tags, expected)).toEqual([]);
  // What was killed may have nothing left to close.
  await Promise.all([victim, reader].map((tab) => tab.close().catch(() => {})));
  return { expected, lost };
}

test(`${rounds} writers that are killed: what was acknowledged is stored, what is stored was logged, the run goes on`, async () => {
  test.setTimeout(60_000 + rounds * 30_000);
  const done: (Outcome & { readonly plan: Plan })[] = [];
  for (let round = 0; round < rounds; round++) {
    const plan = planOf(round);
    await test.step(`round ${round}: ${JSON.stringify(plan)}`, async () => {
      if (rounds > 10) console.log(`round ${round}: ${JSON.stringify(plan)}`);
      done.push({ plan, ...(await kill(plan)) });
    });
  }
  // What came later has changed nothing of what was there.
  await browser.killAndRestart();
  const reader = await open('look');
  for (const { plan, expected } of done)
    expect(await look(reader, plan, expected), plan.runId).toMatchObject({ problems: [], status: 'finished' });
  // For whoever runs the campaign.
  const counted = (names: readonly string[]): string =>
    [...new Set(names)].map((name) => `${name} ${names.filter((other) => other === name).length}`).join(', ');
  const lost = done.map((outcome) => outcome.lost).toSorted((a, b) => a - b);
  console.log(
    `points lost: median ${lost[lost.length >> 1]}, most ${lost.at(-1)}; ${counted(done.map(({ plan }) => plan.way))}; ended at the nth news of ${counted(done.map(({ plan }) => plan.phase))}`,
  );
});
