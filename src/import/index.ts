/**
 * Archives into a store: what `archive()` of `tabtrain/export` has made, on this or another machine.
 *
 * @module
 */
export { importArchive } from './import-archive.ts';
export type { ImportedRun, ImportOptions, ImportProgress, ImportReport } from './import-archive.ts';
