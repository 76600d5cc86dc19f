import { afterEach, describe, expect, test, vi } from 'vitest';
import { takeFigure } from '../../../src/media/figure.ts';
import { takeImage, takeImages } from '../../../src/media/image.ts';
import { encodePng } from '../../../src/media/png.ts';
import { decodePng } from './decode-png.ts';

afterEach(() => vi.unstubAllGlobals());

const call = "run.logImage('x')";
const warn = vi.fn<(what: string, text: string) => void>();
afterEach(() => warn.mockClear());

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

async function imageOf(values: ArrayLike<number>, shape: readonly number[], dataformats?: string): Promise<readonly unknown[]> {
  const { data, content } = await takeImage({ values, shape }, { ...(dataformats && { dataformats }) }, call, warn).encode();
  const png = await decodePng(content);
  expect(data).toMatchObject({ width: png.width, height: png.height, channels: png.channels });
  expect(content?.type).toBe('image/png');
  return [png.width, png.height, png.channels, png.pixels];
}

describe('a PNG', () => {
  const cases = ([1, 2, 3, 4] as const).flatMap((channels) => [
    { width: 1, height: 1, channels },
    { width: 5, height: 3, channels },
    { width: 300, height: 120, channels },
  ]);

  test.each(cases)('of $width × $height pixels with $channels channels holds them exactly', async ({ width, height, channels }) => {
    const bytes = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * i * 7 + (i >> 3)) % 256);
    const expected = { width, height, channels, pixels: [...bytes] };
    const compressed = await encodePng({ width, height, channels, bytes });
    expect(await decodePng(compressed)).toEqual(expected);
    vi.stubGlobal('CompressionStream', undefined);
    const stored = await encodePng({ width, height, channels, bytes });
    expect(await decodePng(stored)).toEqual(expected);
    if (bytes.length > 1000) expect(stored.size).toBeGreaterThan(bytes.length);
  });

  test('of one black pixel is, without compression, this file', async () => {
    vi.stubGlobal('CompressionStream', undefined);
    const png = await encodePng({ width: 1, height: 1, channels: 1, bytes: Uint8Array.of(0) });
    expect(Buffer.from(await png.arrayBuffer()).toString('hex')).toBe(
      // Checksums as Python's zlib gives them.
      [
        '89504e470d0a1a0a',
        '0000000d' + '49484452' + '00000001' + '00000001' + '0800000000' + '3a7e9b55',
        '0000000d' + '49444154' + '7801' + '010200fdff' + '0100' + '00040002' + '28ddf37f',
        '00000000' + '49454e44' + 'ae426082',
      ].join(''),
    );
  });
});

describe('pixels', () => {
  test('of integers are 0…255, in every order of dimensions', async () => {
    const hwc = upTo(12);
    expect(await imageOf(Uint8Array.from(hwc), [2, 2, 3])).toEqual([2, 2, 3, hwc]);
    const chw = Int32Array.of(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11);
    expect(await imageOf(chw, [3, 2, 2], 'CHW')).toEqual([2, 2, 3, hwc]);
    expect(await imageOf(Uint8Array.from(upTo(6)), [2, 3])).toEqual([3, 2, 1, upTo(6)]);
    expect(await imageOf(Uint8Array.from(upTo(6)), [2, 3], 'HW')).toEqual([3, 2, 1, upTo(6)]);
    expect(await imageOf(Uint8Array.from(upTo(6)), [1, 3, 2])).toEqual([3, 1, 2, upTo(6)]);
    expect(warn).not.toHaveBeenCalled();
  });

  test('of floats are 0…1, so that bytes that were divided by 255 come back', async () => {
    expect(
      (
        await imageOf(
          Float32Array.from(upTo(256), (byte) => byte / 255),
          [16, 16],
        )
      )[3],
    ).toEqual(upTo(256));
    expect((await imageOf([0, 0.5, 1, 0.25], [2, 2]))[3]).toEqual([0, 128, 255, 64]);
    expect(warn).not.toHaveBeenCalled();
  });

  test('outside are clamped with a warning, NaN is black', async () => {
    expect((await imageOf(Float32Array.of(-0.5, 2, Number.NaN, Infinity), [2, 2]))[3]).toEqual([0, 255, 0, 255]);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.lastCall?.[1]).toContain("run.logImage('x'): values lie outside 0…1");
    expect((await imageOf(Int32Array.of(-5, 300), [1, 2]))[3]).toEqual([0, 255]);
    expect(warn.mock.lastCall?.[1]).toContain('outside 0…255');
  });

  test('of a tensor are read from a copy that is disposed of, those of booleans are black and white', async () => {
    const dispose = vi.fn<() => void>();
    const data = (): Promise<Uint8Array> => Promise.resolve(Uint8Array.of(0, 1));
    const tensor = { size: 2, shape: [1, 2], dtype: 'bool', data, clone: () => ({ size: 2, kept: false, data, dispose }) };
    const taken = takeImage(tensor, {}, call, warn);
    expect((await decodePng((await taken.encode()).content)).pixels).toEqual([0, 255]);
    expect(dispose).toHaveBeenCalledTimes(1);
  });

  test('of ImageData keep their alpha', async () => {
    const imageData = { width: 1, height: 2, data: Uint8ClampedArray.of(9, 8, 7, 0, 6, 5, 4, 128), colorSpace: 'srgb' };
    const { content } = await takeImage(imageData, {}, call, warn).encode();
    expect(await decodePng(content)).toEqual({ width: 1, height: 2, channels: 4, pixels: [9, 8, 7, 0, 6, 5, 4, 128] });
  });

  test.each<[unknown, object, string, string]>([
    [{ values: [1, 2, 3], shape: [2, 2] }, {}, 'bad-value', 'got 3 values for shape [2, 2]'],
    [{ values: [1, 2], shape: [2] }, {}, 'bad-value', 'does not fit HW'],
    [{ values: upTo(8), shape: [2, 2, 2] }, { dataformats: 'HW' }, 'bad-value', 'does not fit HW'],
    [{ values: upTo(8), shape: [2, 2, 2] }, { dataformats: 'WHC' }, 'bad-value', 'need one of HW, HWC'],
    [{ values: upTo(20), shape: [2, 2, 5] }, {}, 'bad-value', 'has 5 channels as HWC'],
    [{ values: [], shape: [0, 2] }, {}, 'bad-value', 'has 0 values'],
    [{ values: 'abcd', shape: [2, 2] }, {}, 'bad-value', 'the string "abcd"'],
    [{ values: [1, 'a'], shape: [1, 2] }, {}, 'bad-value', 'value 1 is the string "a"'],
    [{ values: [1], shape: '1' }, {}, 'bad-value', 'the shape is "1"'],
    [{ values: [1], shape: [1, 1] }, { caption: 3 }, 'bad-options', 'caption is the number 3'],
    [undefined, {}, 'bad-value', 'got undefined'],
    ['x.png', {}, 'bad-value', 'got the string "x.png"'],
    [{ getContext: 0 }, {}, 'bad-value', 'cannot be drawn here'],
    [new Blob(['<svg/>'], { type: 'image/svg+xml' }), {}, 'bad-value', "type 'image/svg+xml'"],
  ])('%o with %o are refused: %s, %s', (image, settings, code, text) => {
    expect(() => takeImage(image, settings, call, warn)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`${call}: `) }),
    );
    expect(() => takeImage(image, settings, call, warn)).toThrow(text);
  });
});

describe('a grid of images', () => {
  const one = (fill: number): object => ({ values: new Uint8Array(6).fill(fill), shape: [1, 2, 3] });

  test('has them in rows from left to right, the last places empty', async () => {
    const { data, content } = await takeImages([one(1), one(2), one(3)], { columns: 2, caption: 'three' }, call, warn).encode();
    const six = (fill: number): number[] => Array<number>(6).fill(fill);
    expect(await decodePng(content)).toEqual({ width: 4, height: 2, channels: 3, pixels: [...six(1), ...six(2), ...six(3), ...six(0)] });
    expect(data).toEqual({ width: 4, height: 2, channels: 3, images: 3, columns: 2, caption: 'three' });
  });

  test('is made of a batch, in rows of eight', async () => {
    const values = Uint8Array.from(upTo(20));
    const { data, content } = await takeImages({ values, shape: [10, 1, 2, 1] }, {}, call, warn).encode();
    expect((await decodePng(content)).pixels).toEqual([...upTo(16), 16, 17, 18, 19, ...Array<number>(12).fill(0)]);
    expect(data).toMatchObject({ width: 16, height: 2, images: 10, columns: 8 });
    const nchw = await takeImages(
      { values: [0, 0.2, 0.4, 0.6, 0.8, 1], shape: [2, 3, 1, 1] },
      { dataformats: 'NCHW' },
      call,
      warn,
    ).encode();
    expect((await decodePng(nchw.content)).pixels).toEqual([0, 51, 102, 153, 204, 255]);
  });

  test.each<[unknown, object, string]>([
    [[], {}, 'got no images'],
    [{ values: upTo(4), shape: [2, 2] }, {}, 'does not fit NHWC'],
    ['x', {}, 'need a list of images'],
    [[one(1)], { columns: 0 }, 'columns is the number 0'],
    [[one(1), new Blob([], { type: 'image/png' })], {}, 'cannot be drawn here'],
  ])('of %o with %o is refused: %s', (images, settings, text) => {
    expect(() => takeImages(images, settings, call, warn)).toThrow(text);
  });

  test('of different sizes is refused', async () => {
    const other = { values: [1, 1], shape: [1, 2] };
    await expect(takeImages([one(1), other], {}, call, warn).encode()).rejects.toMatchObject({
      ...{ code: 'bad-value', message: expect.stringContaining(`${call}: image 1 is 2 × 1 × 1, the first is 2 × 1 × 3`) },
    });
  });
});

describe('a figure', () => {
  test('of Chart.js is kept as plain data', async () => {
    const figure = { type: 'line', data: { datasets: [{ data: Float32Array.of(0.5, 1) }] }, options: { animation: false } };
    const taken = takeFigure(figure, "run.logFigure('roc')", warn);
    figure.options.animation = true;
    expect(await taken.encode()).toEqual({
      data: { chart: { type: 'line', data: { datasets: [{ data: [0.5, 1] }] }, options: { animation: false } } },
    });
  });

  test('with a function in it is refused by its path', () => {
    const figure = { type: 'line', data: {}, options: { plugins: { tooltip: { callbacks: { label: () => 'x' } } } } };
    expect(() => takeFigure(figure, "run.logFigure('roc')", warn)).toThrow(
      "run.logFigure('roc'): chart.options.plugins.tooltip.callbacks.label is a function",
    );
  });

  test('may be a picture', async () => {
    const { content } = await takeFigure({ values: [0, 1], shape: [1, 2] }, call, warn).encode();
    expect((await decodePng(content)).pixels).toEqual([0, 255]);
  });
});
