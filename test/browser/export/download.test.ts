import { afterEach, expect, test, vi } from 'vitest';
import { download, tfevents } from '../../../src/export/index.ts';
import { memoryStore } from '../../../src/store/index.ts';
import { addRun } from '../../unit/export/sample-runs.ts';

afterEach(() => vi.unstubAllGlobals());

const store = memoryStore('download');
const aRun = async (): Promise<string> => (await addRun(store, [{ tag: 'loss', step: 0, value: 1 }], { project: 'demo' })).id;

// Follows the link that download() clicks, without leaving a file behind.
function catchDownload(): { readonly links: { name: string; blob: Promise<Blob> }[]; stop(): void } {
  const links: { name: string; blob: Promise<Blob> }[] = [];
  const onClick = (event: MouseEvent): void => {
    const { target } = event;
    if (!(target instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    links.push({ name: target.download, blob: fetch(target.href).then((answer) => answer.blob()) });
  };
  document.addEventListener('click', onClick);
  return { links, stop: () => document.removeEventListener('click', onClick) };
}

test('without a save dialog the zip is handed to the browser as a download', async () => {
  vi.stubGlobal('showSaveFilePicker', undefined);
  const caught = catchDownload();
  const result = await download(tfevents(store, [await aRun()]), 'my runs?');
  caught.stop();
  expect(caught.links.map(({ name }) => name)).toEqual(['my runs-.zip']);
  const blob = await caught.links[0]!.blob;
  expect(result).toEqual({ outcome: 'handed-over', name: 'my runs-.zip', bytes: blob.size });
  expect(blob.type).toBe('application/zip');
  expect(new Uint8Array(await blob.slice(0, 4).arrayBuffer())).toEqual(Uint8Array.of(0x50, 0x4b, 3, 4));
  expect(document.querySelector('a[download]')).toBeNull();
});

test('the save dialog opens within the click, and the zip streams into the chosen file', async () => {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle('chosen.zip', { create: true });
  const picker = vi.fn(() => Promise.resolve(handle));
  vi.stubGlobal('showSaveFilePicker', picker);
  const id = await aRun();
  const saving = download(tfevents(store, [id]), 'runs.zip');
  expect(picker).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ suggestedName: 'runs.zip' }));
  const result = await saving;
  const file = await handle.getFile();
  expect(result).toEqual({ outcome: 'saved', name: 'chosen.zip', bytes: file.size });
  expect(await file.slice(0, 2).text()).toBe('PK');
  await root.removeEntry('chosen.zip');
});

test('closing the save dialog is no error, and nothing is read from the store', async () => {
  vi.stubGlobal('showSaveFilePicker', () => Promise.reject(new DOMException('closed', 'AbortError')));
  const chunks = vi.spyOn(store, 'chunks');
  const result = await download(tfevents(store, [await aRun()]), 'runs.zip');
  expect(result).toEqual({ outcome: 'cancelled', name: 'runs.zip', bytes: 0 });
  expect(chunks).not.toHaveBeenCalled();
});

test('where the dialog may not open the zip is downloaded as usual', async () => {
  vi.stubGlobal('showSaveFilePicker', () => Promise.reject(new DOMException('no click', 'SecurityError')));
  const caught = catchDownload();
  const result = await download(tfevents(store, [await aRun()]), 'runs.zip');
  caught.stop();
  expect(result.outcome).toBe('handed-over');
  expect(caught.links.length).toBe(1);
});

test('a disk that refuses the write is told with the name of the file', async () => {
  const full = new DOMException('no room', 'QuotaExceededError');
  const writable = new WritableStream({ write: () => Promise.reject(full) });
  vi.stubGlobal('showSaveFilePicker', () => Promise.resolve({ name: 'runs.zip', createWritable: () => Promise.resolve(writable) }));
  await expect(download(tfevents(store, [await aRun()]), 'runs.zip')).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringContaining("could not write 'runs.zip' (QuotaExceededError: no room)"),
    cause: full,
  });
});
