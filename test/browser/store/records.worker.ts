import { openStore } from '../../../src/store/index.ts';

// Draws a picture and stores it with a run, as a training worker does; posts what the stored content then holds.
async function draw({ name, runId }: { readonly name: string; readonly runId: string }): Promise<void> {
  const store = await openStore(name);
  const canvas = new OffscreenCanvas(64, 64);
  const context = canvas.getContext('2d');
  const picture = context?.createImageData(64, 64);
  if (!context || !picture) throw new Error('no canvas in this worker');
  // Noise, so that the PNG is larger than what goes into a record.
  for (let at = 0, state = 1; at < picture.data.length; at++) {
    state = (state * 48_271) % 2_147_483_647;
    picture.data[at] = at % 4 === 3 ? 255 : state % 256;
  }
  context.putImageData(picture, 0, 0);
  const content = await canvas.convertToBlob({ type: 'image/png' });
  await store.addRecords(runId, [
    { kind: 'image', tag: 'digits', step: 1, epoch: 0, wallTime: 1, data: { width: 64, height: 64 }, content },
  ]);
  const [record] = await store.records(runId, { kind: 'image', tag: 'digits' });
  const read = record && (await store.content(record));
  postMessage({ given: await content.arrayBuffer(), read: await read?.arrayBuffer() });
}

addEventListener('message', (event) => void draw(event.data));
