import { createBreather } from '../core/yield-to-page.ts';
import { type ArchiveFile, archiveVersion, crcText, type Manifest, manifestName, readManifest } from '../formats/archive/manifest.ts';
import { crc32c } from '../formats/crc32c.ts';
import { contentHash } from '../store/content-hash.ts';
import { type ArchiveZip, openArchiveZip } from './archive-zip.ts';
import { isTime, readRunFile, type RunFile } from './check-run-file.ts';
import { readBlocks } from './read-points.ts';
import { readRecords } from './read-records.ts';
import { sayOfImport as say } from './words.ts';

/** A run that can be imported: all of it was looked at. */
export interface CheckedRun {
  readonly about: RunFile;
  /** Whether what continuations superseded is in it. */
  readonly withSuperseded: boolean;
  /** How many of its points lie where no training has any. */
  readonly oddPoints: number;
  /** Bytes of its points and records. */
  readonly size: number;
  pointsFile(): Promise<Blob>;
  recordsFile(): Promise<Blob>;
  content(sha256: string): Promise<Blob>;
}

/** What was found in a file: runs, or what is wrong with it. */
export interface CheckedArchive {
  readonly runs: readonly CheckedRun[];
  readonly problems: readonly string[];
}

const pieceBytes = 2 ** 20;
// All of them are in memory at once. A run takes some 500 bytes of one.
const manifestBytes = 2 ** 25;
// Deflate makes a thousandth of zeros at best. Small files may do what they like.
const mostFactor = 200;
const freeBytes = 2 ** 26;
const mostSteps = 2 ** 53;

/** Looks at everything in a file. `onBytes` hears how many bytes of how many are done. Rejects only when the file cannot be read any more. */
export async function checkArchive(file: Blob, onBytes: (done: number, total: number) => void): Promise<CheckedArchive> {
  const problems: string[] = [];
  let zip: ArchiveZip;
  try {
    zip = await openArchiveZip(file);
  } catch (thrown) {
    return { runs: [], problems: [wordsOf(thrown)] };
  }
  if (zip.folders.length === 0) return { runs: [], problems: [say('no-archive')] };
  const found: { readonly folder: string; readonly manifest: Manifest }[] = [];
  const manifests = zip.folders.reduce((sum, folder) => sum + sizeIn(zip, folder + manifestName), 0);
  let total = manifests;
  for (const folder of manifests > manifestBytes ? [] : zip.folders) {
    const manifest = await attempt(folder + manifestName, problems, () => openManifest(zip, folder + manifestName));
    if (manifest === undefined) continue;
    found.push({ folder, manifest });
    for (const { path } of manifest.files) total += sizeIn(zip, folder + path);
  }
  const factor = Math.round(total / Math.max(1, file.size));
  if (manifests > manifestBytes || total > mostFactor * file.size + freeBytes)
    return { runs: [], problems: [...problems, say('too-large', { factor })] };

  const runs: CheckedRun[] = [];
  const seen = new Set<string>();
  let done = 0;
  const onPiece = (bytes: number): void => onBytes((done += bytes), total);
  for (const { folder, manifest } of found) {
    const isWhole = new Set<string>();
    for (const listed of manifest.files) {
      const path = folder + listed.path;
      const isGood = await attempt(path, problems, () => checkFile(zip, path, listed, onPiece));
      if (isGood === true) isWhole.add(listed.path);
    }
    const isListed = new Set(manifest.files.map(({ path }) => path));
    for (const run of manifest.runs) {
      const at = (name: string): string => `${run.folder}/${name}`;
      const names = ['run.json', 'points.bin', 'records.jsonl'].map(at);
      for (const path of names) if (!isListed.has(path)) problems.push(say('missing', { path: folder + path }));
      // What is damaged was said already.
      if (!names.every((path) => isWhole.has(path))) continue;
      const about = await attempt(folder + at('run.json'), problems, async () => {
        const places = [`id ${run.id}`, `folder ${folder}${run.folder}`];
        if (places.some((place) => seen.has(place))) throw new Error('another run has the same id or folder');
        for (const place of places) seen.add(place);
        const read = readRunFile(await (await zip.blob(folder + at('run.json'))).text());
        for (const key of ['id', 'project', 'name'] as const)
          if (read[key] !== run[key]) throw new Error(`its ${key} is not that of the manifest`);
        return read;
      });
      if (about === undefined) continue;
      const pointsFile = (): Promise<Blob> => zip.blob(folder + at('points.bin'));
      const recordsFile = (): Promise<Blob> => zip.blob(folder + at('records.jsonl'));
      const oddPoints = await attempt(folder + at('points.bin'), problems, async () => checkPoints(await pointsFile(), about));
      const isGood = (hash: string, size: number): boolean => {
        const path = `contents/${hash}`;
        return isListed.has(path) && (!isWhole.has(path) || sizeIn(zip, folder + path) === size);
      };
      await attempt(folder + at('records.jsonl'), problems, async () => checkRecords(await recordsFile(), about, isGood));
      runs.push({
        about,
        withSuperseded: manifest.version > 1,
        oddPoints: oddPoints ?? 0,
        size: names.reduce((bytes, path) => bytes + sizeIn(zip, folder + path), 0),
        pointsFile,
        recordsFile,
        content: (hash) => zip.blob(`${folder}contents/${hash}`),
      });
    }
  }
  return { runs, problems };
}

async function openManifest(zip: ArchiveZip, path: string): Promise<Manifest> {
  const manifest = readManifest(new Uint8Array(await (await zip.blob(path)).arrayBuffer()));
  if (manifest === undefined) throw new Error(say('wrong-checksum', { path }));
  if (!('files' in manifest)) throw new Error(say('newer', { version: manifest.version, known: archiveVersion }));
  return manifest;
}

async function checkFile(zip: ArchiveZip, path: string, listed: ArchiveFile, onPiece: (bytes: number) => void): Promise<true> {
  const { size } = zip.entry(path);
  if (size !== listed.bytes) throw new Error(say('wrong-size', { path, found: size, bytes: listed.bytes }));
  const breathe = createBreather();
  const blob = await zip.blob(path);
  let crc = 0;
  for (let at = 0; at < blob.size; at += pieceBytes) {
    const piece = new Uint8Array(await blob.slice(at, at + pieceBytes).arrayBuffer());
    crc = crc32c(piece, 0, piece.length, crc);
    onPiece(piece.length);
    await breathe();
  }
  const [, hash] = /^contents\/([0-9a-f]{64})$/.exec(listed.path) ?? [];
  const isGood = crcText(crc) === listed.crc32c && (hash === undefined || (await contentHash(blob)) === hash);
  if (!isGood) throw new Error(say('wrong-checksum', { path }));
  return true;
}

async function checkPoints(points: Blob, about: RunFile): Promise<number> {
  const breathe = createBreather();
  const { tagNames, resumes } = about;
  let before = 0;
  let count = 0;
  let odd = 0;
  for await (const { generation, columns } of readBlocks(points)) {
    if (generation < before || generation > resumes.length) throw new Error(`points of generation ${generation} behind those of ${before}`);
    if (columns.tag.some((number) => number >= tagNames.length)) throw new Error('a point has a tag that is not listed');
    before = generation;
    count += columns.tag.length;
    const { step, epoch, wallTime } = columns;
    for (let i = 0; i < step.length; i++) {
      if (!(Math.abs(step[i]!) <= mostSteps && Math.abs(epoch[i]!) <= mostSteps && isTime(wallTime[i]))) odd += 1;
    }
    await breathe();
  }
  if (count !== about.points) throw new Error(`${count} points in place of ${about.points}`);
  return odd;
}

async function checkRecords(records: Blob, about: RunFile, isThere: (hash: string, size: number) => boolean): Promise<void> {
  const breathe = createBreather();
  let before = 0;
  let count = 0;
  for await (const { generation, content } of readRecords(records)) {
    count += 1;
    if (generation < before || generation > about.resumes.length) throw new Error(`record ${count} is of generation ${generation}`);
    before = generation;
    if (content !== undefined && content.bytes === undefined && !isThere(content.sha256, content.size)) {
      throw new Error(`the content of record ${count} is not there`);
    }
    await breathe();
  }
  if (count !== about.records) throw new Error(`${count} records in place of ${about.records}`);
}

// Without an entry it has no size, and says so when it is looked at.
function sizeIn(zip: ArchiveZip, path: string): number {
  try {
    return zip.entry(path).size;
  } catch {
    return 0;
  }
}

async function attempt<Result>(path: string, problems: string[], work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (thrown) {
    const detail = wordsOf(thrown);
    problems.push(detail.includes(path) ? detail : say('unreadable', { path, detail }));
    return undefined;
  }
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
