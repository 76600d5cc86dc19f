/**
 * Runs out of the store, into files: exporters make files, sinks put them somewhere.
 *
 * @module
 */
export { archive } from './archive.ts';
export type { ArchiveOptions } from './archive.ts';
export { csv } from './csv.ts';
export type { CsvOptions } from './csv.ts';
export { download } from './download.ts';
export type { DownloadResult } from './download.ts';
export type { Exporter, ExportFile, ExportFiles } from './export-file.ts';
export { files } from './files.ts';
export type { FilesOptions } from './files.ts';
export { tfevents } from './tfevents.ts';
export type { TfeventsOptions } from './tfevents.ts';
export { toDirectory } from './to-directory.ts';
export type { DirectoryOptions, DirectoryResult } from './to-directory.ts';
export { upload } from './upload.ts';
export type { UploadOptions, UploadProgress, UploadResult } from './upload.ts';
export { toZip } from './zip.ts';
