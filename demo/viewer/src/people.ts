import type { MetricStore, RunInfo } from 'tabtrain';

/** Somebody whose runs were taken in. */
export interface Person {
  readonly name: string;
  /** Oldest first. */
  readonly runs: readonly RunInfo[];
}

// Kept with each run, so that the person is known after a reload, and from an archive of the whole class.
const fact = 'viewer.person';

/** Who made a run, as far as it says. */
export function personOf(run: RunInfo): string | undefined {
  const name = run.facts?.[fact];
  return typeof name === 'string' ? name : undefined;
}

/** Everybody whose runs are in the store, by name. */
export async function readPeople(store: MetricStore): Promise<readonly Person[]> {
  const people = new Map<string, RunInfo[]>();
  for (const run of await store.runs({ archived: 'all' })) {
    // One that is being taken in right now.
    if (run.facts?.['import.incomplete'] === true) continue;
    const name = personOf(run) ?? nameFromFile(run.source ?? run.name);
    const runs = people.get(name);
    if (runs === undefined) people.set(name, [run]);
    else runs.push(run);
  }
  const order = new Intl.Collator(undefined, { numeric: true });
  return [...people].map(([name, runs]) => ({ name, runs })).toSorted((a, b) => order.compare(a.name, b.name));
}

/** The person that a file stands for: `ada` for `ada.zip`. */
export function nameFromFile(file: string): string {
  return cleanName(file.replace(/\.zip$/i, ''));
}

/** As it stands in front of the names of runs, which can be folders on every system. */
export function cleanName(text: string): string {
  return (
    text
      .replace(/[<>:"/\\|?*\p{Cc}]+/gu, '-')
      .trim()
      .slice(0, 50)
      .trim() || '-'
  );
}

/** Notes on a run whose it is. */
export async function setPerson(store: MetricStore, runId: string, person: string): Promise<void> {
  await store.updateRun(runId, { facts: { [fact]: person } });
}

/** Gives a person another name, and so all their runs. With the name of somebody else the two become one. */
export async function renamePerson(store: MetricStore, { name, runs }: Person, wanted: string): Promise<void> {
  const newName = cleanName(wanted);
  for (const run of runs) {
    const isPrefixed = run.name.startsWith(`${name}-`);
    await store.updateRun(run.id, {
      facts: { [fact]: newName },
      ...(isPrefixed ? { name: `${newName}-${run.name.slice(name.length + 1)}` } : {}),
    });
  }
}
