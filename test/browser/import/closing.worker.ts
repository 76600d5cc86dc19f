import { importArchive } from '../../../src/import/index.ts';
import { openStore } from '../../../src/store/index.ts';

// Imports a file until the first points are to be stored; there it stays, and says so.
onmessage = async ({ data }: MessageEvent<{ readonly name: string; readonly file: File }>) => {
  const store = await openStore(data.name);
  store.append = () => {
    postMessage('in the middle');
    return new Promise<never>(() => {});
  };
  await importArchive(store, data.file);
};
