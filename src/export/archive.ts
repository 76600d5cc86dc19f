import { defined } from '../core/defined.ts';
import { LogError } from '../core/errors.ts';
import type { Json, RunInfo } from '../core/run-info.ts';
import { importFacts } from '../core/run-name.ts';
import { type ArchiveFile, type ArchiveRun, crcText, manifestName, writeManifest } from '../formats/archive/manifest.ts';
import { writePlainJson } from '../formats/archive/plain-json.ts';
import { crc32c } from '../formats/crc32c.ts';
import type { MetricStore, StoredRecord } from '../store/metric-store.ts';
import { archivePoints } from './archive-points.ts';
import { archiveRecords, contentPieces, recordsOf } from './archive-records.ts';
import type { ExportFile } from './export-file.ts';
import { changedError, findRuns, folderOf } from './find-runs.ts';
import { trackedFile, type TrackedFile } from './tracked-file.ts';

/** Settings of {@link archive}; all are optional. */
export interface ArchiveOptions {
  /** Folders that go in front of each path. Default: none. */
  readonly prefix?: string;
}

/**
 * Exports runs with everything the store holds of them, without loss, for `importArchive` of `tabtrain/import` or any program that
 * reads the format (docs/formats.md): points as float64 in log order, config, facts, labels, notes, status, continuations, and
 * records of every kind with their contents, each content once. A zip of it is an archive.
 *
 * The manifest comes last and holds the checksums of what a sink has taken before it. Which contents there are is looked up between
 * files. Contents that are lost or damaged in the store are left out and named in the run's `run.json`.
 *
 * ```ts
 * saveButton.onclick = () => download(archive(store, ids), 'ada.zip');
 * ```
 */
export async function* archive(
  store: MetricStore,
  runIds: readonly string[],
  options: ArchiveOptions = {},
): AsyncGenerator<ExportFile, void, undefined> {
  const found = await findRuns(store, runIds, undefined, 'archive');
  // Two archives may go into one zip: each gets a folder of its own, always the same for the same runs.
  const ids = new TextEncoder().encode(JSON.stringify(found.map(({ run }) => run.id)));
  const root = `${folderOf(options.prefix)}tabtrain-archive-${crcText(crc32c(ids))}/`;
  const files: { readonly path: string; readonly tracked: TrackedFile<unknown> }[] = [];
  const contents = new Set<string>();
  const runs: ArchiveRun[] = [];
  function track<Found>(path: string, make: () => AsyncGenerator<Uint8Array, Found, undefined>): TrackedFile<Found> {
    const tracked = trackedFile(root + path, make);
    files.push({ path, tracked });
    return tracked;
  }

  for (const [i, { run }] of found.entries()) {
    // Numbers, as unpacking and packing again may write other letters in another way.
    const folder = `runs/${i + 1}`;
    runs.push({ id: run.id, project: run.project, name: run.name, folder });
    const points = track(`${folder}/points.bin`, () => archivePoints(store, run.id));
    yield points.file;

    const { through, held, lost } = await findContents(store, run.id, contents);
    const records = track(`${folder}/records.jsonl`, () => archiveRecords(store, run.id, through, lost));
    yield records.file;
    for (const [hash, record] of held) {
      contents.add(hash);
      yield track(`contents/${hash}`, () => contentPieces(store, record)).file;
    }

    // After all else: the run may have gone on since, and been continued, but what was written agrees with its record.
    yield track(`${folder}/run.json`, async function* () {
      const now = await store.run(run.id);
      if (now === undefined) throw changedError('archive', run.id);
      const counts = { ...(await points.written()).found, ...(await records.written()).found };
      const lists = lost.size === 0 ? {} : { lostContents: [...lost] };
      yield new TextEncoder().encode(`${writePlainJson({ run: archivedInfo(now), ...counts, ...lists })}\n`);
    }).file;
  }

  async function* manifest(): AsyncGenerator<Uint8Array, void, undefined> {
    const entries: ArchiveFile[] = [];
    for (const { path, tracked } of files) entries.push({ path, ...(await tracked.written()).entry });
    yield writeManifest(runs, entries);
  }
  yield { path: root + manifestName, bytes: { [Symbol.asyncIterator]: manifest } };
}

/** The large contents of a run that no run before it had, those that are lost, and the last record there is now. */
async function findContents(
  store: MetricStore,
  runId: string,
  known: ReadonlySet<string>,
): Promise<{ readonly through: number; readonly held: ReadonlyMap<string, StoredRecord>; readonly lost: ReadonlySet<string> }> {
  const held = new Map<string, StoredRecord>();
  const lost = new Set<string>();
  let through = -1;
  for await (const record of recordsOf(store, runId, { withSuperseded: true })) {
    through = record.index;
    const { hash, inline } = record.content ?? {};
    if (hash === undefined || inline !== undefined || known.has(hash) || held.has(hash) || lost.has(hash)) continue;
    try {
      await store.content(record);
      held.set(hash, record);
    } catch (thrown) {
      if (!(thrown instanceof LogError) || thrown.code !== 'bad-data') throw thrown;
      lost.add(hash);
    }
  }
  return { through, held, lost };
}

/** What of a run's record goes into an archive: a run that is being written is one that was interrupted; what an import noted is its store's own. */
function archivedInfo(run: RunInfo): RunInfo {
  const { facts, status, ...rest } = run;
  const own = Object.entries(facts ?? {}).filter(([key]) => !importFacts.has(key));
  const kept: Readonly<Record<string, Json>> | undefined =
    facts !== undefined && (own.length > 0 || Object.keys(facts).length === 0) ? Object.fromEntries(own) : undefined;
  return { ...rest, status: status === 'running' ? 'interrupted' : status, ...defined({ facts: kept }) };
}
