import { describe, LogError, toLogError } from '../core/errors.ts';
import { gridOf, isPixelData, refuseOtherSize, takePixels } from './pixels.ts';
import { encodePng, type Pixels } from './png.ts';
import { badValue, type RecordBody, type Taken, type WarnOfMedia } from './record-body.ts';

/** What can be said about a picture. */
interface ImageSettings {
  readonly dataformats?: string;
  readonly caption?: string;
  readonly columns?: number;
}

/** Pictures that are kept as the files they are. No SVG: it can run script where it is shown. */
const fileTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']);
/** Pictures in a row of a grid, as in tensorboardX. */
const usualColumns = 8;

/**
 * Takes one picture: pixels, a canvas, a bitmap, a file. A batch of pixels becomes a grid. Throws `bad-value` or `bad-options`,
 * quoting `call`.
 */
export function takeImage(image: unknown, settings: ImageSettings, call: string, warn: WarnOfMedia): Taken {
  refuseBadSettings(settings, call);
  if (image instanceof Blob) return takeFile(image, settings, call);
  if (!isPixelData(image)) return takeDrawn([image], settings, call, warn);
  const taken = takePixels(image, settings.dataformats, call, warn);
  return { bytes: taken.bytes, encode: async () => bodyOf(await taken.read(), settings, call) };
}

/** Takes pictures of one size, a list of them or a batch of pixels, as one picture with a grid of them. */
export function takeImages(images: unknown, settings: ImageSettings, call: string, warn: WarnOfMedia): Taken {
  if (!Array.isArray(images)) {
    if (isPixelData(images)) return takeImage(images, { ...settings, dataformats: settings.dataformats ?? 'NHWC' }, call, warn);
    throw badValue(call, `got ${describe(images)}, need a list of images or a batch of pixels.`);
  }
  refuseBadSettings(settings, call);
  if (images.length === 0) throw badValue(call, 'got no images.');
  if (!images.every(isPixelData)) return takeDrawn(images, settings, call, warn);
  const taken = images.map((image) => takePixels(image, settings.dataformats, call, warn));
  return {
    bytes: taken.reduce((sum, { bytes }) => sum + bytes, 0),
    encode: async () => bodyOf((await Promise.all(taken.map((one) => one.read()))).flat(), settings, call),
  };
}

async function bodyOf(pictures: readonly Pixels[], settings: ImageSettings, call: string): Promise<RecordBody> {
  const columns = columnsOf(pictures.length, settings);
  const whole = gridOf(pictures, columns, call);
  const { width, height, channels } = whole;
  return { data: { width, height, channels, ...about(settings, pictures.length, columns) }, content: await encodePng(whole) };
}

function takeFile(file: Blob, settings: ImageSettings, call: string): Taken {
  if (!fileTypes.has(file.type)) {
    throw badValue(
      call,
      `got a Blob of type '${file.type}', need one of ${[...fileTypes].join(', ')}. Say it with new Blob([bytes], { type: 'image/png' }).`,
    );
  }
  const encode = async (): Promise<RecordBody> => {
    if (typeof createImageBitmap === 'undefined') return { data: about(settings), content: file };
    const { width, height } = await closed(bitmapOf(file, call));
    return { data: { width, height, ...about(settings) }, content: file };
  };
  return { bytes: file.size, encode };
}

/** What the platform can draw: canvases and bitmaps as they are now, among files and pixels. */
function takeDrawn(images: readonly unknown[], settings: ImageSettings, call: string, warn: WarnOfMedia): Taken {
  for (const image of images) {
    if (typeof image !== 'object' || image === null) {
      throw badValue(call, `got ${describe(image)}, need pixels with their shape, ImageData, an ImageBitmap, a canvas or a Blob.`);
    }
  }
  if (typeof createImageBitmap === 'undefined' || typeof OffscreenCanvas === 'undefined') {
    throw badValue(call, `${describe(images[0])} cannot be drawn here: there is no OffscreenCanvas. Log pixels with their shape.`);
  }
  let bytes = 0;
  const bitmaps = images.map(async (image): Promise<ImageBitmap> => {
    if (!isPixelData(image)) return bitmapOf(image, call);
    const [first, ...more] = await takePixels(image, settings.dataformats, call, warn).read();
    if (first === undefined || more.length > 0) throw badValue(call, 'a batch of pixels cannot stand in a list with canvases or files.');
    return bitmapOf(imageDataOf(first), call);
  });
  for (const [i, bitmap] of bitmaps.entries()) {
    // Awaited later; until then a rejection must not count as unhandled.
    bitmap.catch(() => {});
    const { width = 0, height = 0, size } = images[i] as { width?: number; height?: number; size?: number }; // an object, as looked at
    bytes += size ?? 4 * width * height;
  }
  return { bytes, encode: () => draw(bitmaps, settings, call) };
}

async function draw(bitmaps: readonly Promise<ImageBitmap>[], settings: ImageSettings, call: string): Promise<RecordBody> {
  const all = await Promise.all(bitmaps);
  const [{ width, height }] = all as [ImageBitmap]; // at least one was taken
  const columns = columnsOf(all.length, settings);
  const canvas = new OffscreenCanvas(columns * width, Math.ceil(all.length / columns) * height);
  const context = canvas.getContext('2d');
  if (context === null) throw badValue(call, 'this browser gives no canvas to draw on. Log pixels with their shape.');
  for (const [i, bitmap] of all.entries()) {
    refuseOtherSize(i, [bitmap.width, bitmap.height], [width, height], call);
    context.drawImage(bitmap, (i % columns) * width, Math.floor(i / columns) * height);
    bitmap.close();
  }
  const content = await canvas.convertToBlob({ type: 'image/png' });
  return { data: { width: canvas.width, height: canvas.height, channels: 4, ...about(settings, all.length, columns) }, content };
}

/** A copy of the picture as it is at this call. */
async function bitmapOf(image: unknown, call: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(image as ImageBitmapSource); // it rejects what is none
  } catch (thrown) {
    throw toLogError(thrown, 'bad-value', `${call}: ${describe(image)} cannot be made into a picture`);
  }
}

async function closed(bitmap: Promise<ImageBitmap>): Promise<{ readonly width: number; readonly height: number }> {
  const { width, height } = await bitmap;
  (await bitmap).close();
  return { width, height };
}

function imageDataOf({ width, height, channels, bytes }: Pixels): ImageData {
  const rgba = new Uint8ClampedArray(4 * width * height);
  const isGrey = channels < 3;
  for (let at = 0; at < width * height; at++) {
    const from = at * channels;
    for (let c = 0; c < 3; c++) rgba[4 * at + c] = bytes[from + (isGrey ? 0 : c)]!;
    rgba[4 * at + 3] = channels % 2 === 0 ? bytes[from + channels - 1]! : 255;
  }
  return new ImageData(rgba, width, height);
}

function columnsOf(images: number, { columns = usualColumns }: ImageSettings): number {
  return Math.min(images, columns);
}

function about(
  { caption }: ImageSettings,
  images = 1,
  columns = 1,
): { readonly caption?: string; readonly images?: number; readonly columns?: number } {
  return { ...(caption === undefined ? {} : { caption }), ...(images > 1 ? { images, columns } : {}) };
}

function refuseBadSettings({ caption, columns }: ImageSettings, call: string): void {
  if (caption !== undefined && typeof caption !== 'string') {
    throw new LogError('bad-options', `${call}: caption is ${describe(caption)}, need a text.`);
  }
  if (columns !== undefined && !(Number.isSafeInteger(columns) && columns > 0)) {
    throw new LogError('bad-options', `${call}: columns is ${describe(columns)}, need how many images are in a row: 1, 2, 3, …`);
  }
}
