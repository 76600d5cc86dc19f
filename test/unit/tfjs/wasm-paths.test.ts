import { afterEach, expect, test, vi } from 'vitest';
import { tellWasmPaths } from '../../../src/tfjs/wasm-paths.ts';

afterEach(() => vi.unstubAllGlobals());

const at = (href: string): void => void vi.stubGlobal('location', { href });

test('without paths nobody is told anything', () => {
  const setWasmPaths = vi.fn();
  tellWasmPaths({ setWasmPaths });
  expect(setWasmPaths).not.toHaveBeenCalled();
});

test('a folder is told as a whole address that ends with a slash', () => {
  at('https://school.example/lesson/train.js');
  const setWasmPaths = vi.fn();
  tellWasmPaths({ wasmPaths: '/wasm', setWasmPaths });
  tellWasmPaths({ wasmPaths: './wasm/', setWasmPaths });
  tellWasmPaths({ wasmPaths: new URL('https://cdn.example/wasm'), setWasmPaths });
  expect(setWasmPaths.mock.calls).toEqual([
    ['https://school.example/wasm/'],
    ['https://school.example/lesson/wasm/'],
    ['https://cdn.example/wasm/'],
  ]);
});

test('single files are told as whole addresses', () => {
  at('https://school.example/lesson/train.js');
  const setWasmPaths = vi.fn();
  tellWasmPaths({ wasmPaths: { 'tfjs-backend-wasm.wasm': 'a-1f.wasm' }, setWasmPaths });
  expect(setWasmPaths.mock.calls).toEqual([[{ 'tfjs-backend-wasm.wasm': 'https://school.example/lesson/a-1f.wasm' }]]);
});

test('a script tag is found by itself', () => {
  at('https://school.example/');
  const setWasmPaths = vi.fn();
  vi.stubGlobal('tf', { wasm: { setWasmPaths } });
  tellWasmPaths({ wasmPaths: '/wasm/' });
  expect(setWasmPaths.mock.calls).toEqual([['https://school.example/wasm/']]);
});

test('paths with nobody to tell them to are refused with the import that is missing', () => {
  expect(() => tellWasmPaths({ wasmPaths: '/wasm/' })).toThrow(
    expect.objectContaining({
      code: 'bad-options',
      message: expect.stringContaining("import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'"),
    }),
  );
});

test('a relative address in a worker made from a Blob is refused', () => {
  at('blob:https://school.example/8d1c');
  expect(() => tellWasmPaths({ wasmPaths: './wasm/', setWasmPaths: vi.fn() })).toThrow(
    expect.objectContaining({ code: 'bad-options', message: expect.stringContaining("new URL('./wasm/', import.meta.url).href") }),
  );
});

test('what the backend says of a missing file is passed on', () => {
  at('https://school.example/');
  const setWasmPaths = (): never => {
    throw new Error('There were no entries found for the following binaries: tfjs-backend-wasm.wasm.');
  };
  expect(() => tellWasmPaths({ wasmPaths: { other: 'x.wasm' }, setWasmPaths })).toThrow(
    expect.objectContaining({ code: 'bad-options', message: expect.stringContaining('no entries found') }),
  );
});
