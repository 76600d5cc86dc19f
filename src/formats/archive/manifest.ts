import { crc32c } from '../crc32c.ts';

/** The last part of the manifest's path. */
export const manifestName = 'tabtrain-archive.json';
/** The version that is written. Version 1, which is read, too, is the same without what continuations of a run superseded. */
export const archiveVersion = 2;

/** One file of an archive. */
export interface ArchiveFile {
  /** Relative to the manifest's folder. */
  readonly path: string;
  readonly bytes: number;
  /** Eight hex digits. */
  readonly crc32c: string;
}

/** One run of an archive. */
export interface ArchiveRun {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  /** Where its files lie, relative to the manifest's folder: `run.json`, and where it has some `points.bin` and `records.jsonl`. */
  readonly folder: string;
}

/** What an archive holds: everything beside the manifest itself. */
export interface Manifest {
  readonly format: 'tabtrain-archive';
  readonly version: number;
  readonly runs: readonly ArchiveRun[];
  /** Files of runs, and contents as `contents/<SHA-256 in hex>`. */
  readonly files: readonly ArchiveFile[];
}

/** What the manifest ends with: `,"crc32c":"` with eight hex digits, `"}` and a line end. The checksum is of all in front of it. */
const endLength = 22;

/** A checksum as it is written. */
export function crcText(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** The bytes of a manifest, its own checksum included. */
export function writeManifest(runs: readonly ArchiveRun[], files: readonly ArchiveFile[]): Uint8Array<ArrayBuffer> {
  const manifest: Manifest = { format: 'tabtrain-archive', version: archiveVersion, runs, files };
  const text = JSON.stringify(manifest).slice(0, -1);
  const utf8 = new TextEncoder();
  return utf8.encode(`${text},"crc32c":"${crcText(crc32c(utf8.encode(text)))}"}\n`);
}

/**
 * Reads a manifest. Undefined when it is not as it was written, or none. Throws an `Error` in words when it was written wrong. One of
 * a later version comes back as no more than its `version`.
 */
export function readManifest(bytes: Uint8Array): Manifest | { readonly version: number } | undefined {
  const given = readJson(bytes);
  if (given?.format !== 'tabtrain-archive' || !isCount(given.version)) return undefined;
  if (given.version > archiveVersion) return { version: given.version };
  if (given.crc32c !== crcText(crc32c(bytes, 0, bytes.length - endLength))) return undefined;
  const { version, runs, files } = given;
  const areRuns = isListOf(runs, (run) =>
    ['id', 'project', 'name', 'folder'].every((key) => typeof run[key] === 'string' && run[key] !== ''),
  );
  const areFiles = isListOf(
    files,
    ({ path, bytes: size, crc32c: crc }) => typeof path === 'string' && isCount(size) && typeof crc === 'string',
  );
  if (!areRuns || !areFiles) throw new Error('its lists of runs and files are not as they should be');
  // Looked at one by one.
  return { format: 'tabtrain-archive', version, runs: runs as readonly ArchiveRun[], files: files as readonly ArchiveFile[] };
}

function readJson(bytes: Uint8Array): { readonly [Key in keyof Manifest | 'crc32c']?: unknown } | null {
  try {
    // Whatever it is, its properties can be looked at.
    return JSON.parse(new TextDecoder().decode(bytes)) as ReturnType<typeof readJson>;
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isListOf(value: unknown, isGood: (item: Readonly<Record<string, unknown>>) => boolean): boolean {
  return Array.isArray(value) && value.every((item: unknown) => typeof item === 'object' && item !== null && isGood({ ...item }));
}
