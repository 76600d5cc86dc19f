// Profiles with one long run each in the database: made once, used by every row that reads such a run.
import { cp } from 'node:fs/promises';
import { newProfile, removeProfile, withBrowser } from './browser.mjs';

export const bigRunPages = ['big-run'];

const made = new Map();
const copies = [];

/** A profile whose database holds a finished, compacted run of this size. Not to be written to. Also says how the run was stored. */
export function bigRun({ siteUrl, points, tags, progress }) {
  const key = `${points} ${tags}`;
  if (!made.has(key)) made.set(key, make({ siteUrl, points, tags, progress }));
  return made.get(key);
}

/** A copy of such a profile, to be changed. */
export async function copyOf({ profile }) {
  const copy = await newProfile();
  copies.push(copy);
  await cp(profile, copy, { recursive: true, filter: (path) => !/\/Singleton[A-Z]\w+$/.test(path) });
  return copy;
}

export async function removeBigRuns() {
  const runs = await Promise.allSettled(made.values());
  const profiles = [...copies, ...runs.flatMap(({ value }) => (value === undefined ? [] : [value.profile]))];
  await Promise.all(profiles.map(removeProfile));
}

async function make({ siteUrl, points, tags, progress }) {
  progress(`making a run of ${points.toLocaleString('en')} points in ${tags.toLocaleString('en')} tags`);
  const profile = await newProfile();
  const run = await withBrowser(siteUrl, ({ measureFresh }) => measureFresh('big-run', { points, tags }), { profile });
  return { profile, ...run };
}
