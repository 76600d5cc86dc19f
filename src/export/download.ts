import { LogError } from '../core/errors.ts';
import { mayDownload } from '../core/may-download.ts';
import { folderSafe } from '../core/run-name.ts';
import { collectBlob, piecesOf } from './collect-blob.ts';
import type { ExportFiles } from './export-file.ts';
import { filePickers, isCancelled, isNotAllowed, writeFailed } from './file-system.ts';
import { sayOfExport } from './words.ts';
import { toZip } from './zip.ts';

/** How a download ended. */
export interface DownloadResult {
  /**
   * `saved`: written to the file that the person chose. `handed-over`: given to the browser as an ordinary download.
   * `cancelled`: the person closed the dialog; nothing was read or written.
   */
  readonly outcome: 'saved' | 'handed-over' | 'cancelled';
  /** The file's name, as the person chose it where there was a dialog. */
  readonly name: string;
  /** Size of the zip; 0 when cancelled. */
  readonly bytes: number;
  /**
   * One sentence for the person, where a file that was handed over may never appear: in a sandboxed frame, which cannot see whether it
   * may save files, and whose browser ignores it silently if not. Undefined otherwise.
   */
  readonly note?: string;
}

const keepUrlMs = 60_000;

/**
 * Saves files as one zip (see {@link toZip}). Call it inside the click: where the browser has a save dialog it must open
 * at once, and the zip then streams to the chosen file; elsewhere the zip is built as a Blob and downloaded as usual.
 * Closing the dialog is no error. Rejects with `export-failed` when a file cannot be made or
 * written, and where the frame of the page may not save files.
 *
 * ```ts
 * saveButton.onclick = () => download(tfevents(store, [runId]), 'mnist-logs.zip');
 * ```
 */
export async function download(files: ExportFiles, zipName: string): Promise<DownloadResult> {
  const name = zipNameOf(zipName);
  const call = `download(files, '${zipName}')`;
  if (typeof document === 'undefined') {
    throw new LogError('export-failed', `${call}: there is no page in this thread. Call it in the page, or use toZip(files) here.`);
  }
  const { showSaveFilePicker } = filePickers();
  // Nothing may be awaited before this line: the dialog needs the click.
  if (showSaveFilePicker === undefined) return saveAsBlob(files, name, call);
  const types = [{ description: 'Zip archive', accept: { 'application/zip': ['.zip'] } }];
  let handle: FileSystemFileHandle;
  try {
    handle = await showSaveFilePicker.call(globalThis, { suggestedName: name, types });
  } catch (thrown) {
    if (isCancelled(thrown)) return { outcome: 'cancelled', name, bytes: 0 };
    if (isNotAllowed(thrown)) return saveAsBlob(files, name, call);
    throw writeFailed(thrown, call, name);
  }
  return saveToFile(files, handle, call);
}

function zipNameOf(text: string): string {
  return `${folderSafe(text.replace(/\.zip$/i, ''))}.zip`;
}

async function saveToFile(files: ExportFiles, handle: FileSystemFileHandle, call: string): Promise<DownloadResult> {
  try {
    let bytes = 0;
    const counter = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
      transform(piece, controller) {
        bytes += piece.length;
        controller.enqueue(piece as Uint8Array<ArrayBuffer>); // zips are made in plain buffers
      },
    });
    // Closes the file at the end; on an error it aborts, which leaves a file that was there before as it was.
    await toZip(files)
      .pipeThrough(counter)
      .pipeTo(await handle.createWritable());
    return { outcome: 'saved', name: handle.name, bytes };
  } catch (thrown) {
    throw writeFailed(thrown, call, handle.name);
  }
}

async function saveAsBlob(files: ExportFiles, name: string, call: string): Promise<DownloadResult> {
  const isAllowed = mayDownload();
  if (isAllowed === false) throw new LogError('export-failed', `${call}: ${sayOfExport('no-downloads')}`);
  let blob: Blob;
  try {
    blob = await collectBlob(piecesOf(toZip(files)), 'application/zip');
  } catch (thrown) {
    throw writeFailed(thrown, call, name);
  }
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link); // Firefox starts downloads of links in the page only
  link.click();
  link.remove();
  // The browser reads the Blob after the click, some of them late.
  setTimeout(() => URL.revokeObjectURL(url), keepUrlMs);
  const note = isAllowed === undefined ? { note: sayOfExport('perhaps-no-downloads') } : {};
  return { outcome: 'handed-over', name, bytes: blob.size, ...note };
}
