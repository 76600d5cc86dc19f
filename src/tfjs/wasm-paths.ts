import { describe, LogError } from '../core/errors.ts';

/** Where the three `.wasm` files of `@tensorflow/tfjs-backend-wasm` are: the folder they are in, or the address of each by its file name. */
export type WasmPaths = string | URL | Readonly<Record<string, string>>;

/** `setWasmPaths` of `@tensorflow/tfjs-backend-wasm`. */
export type SetWasmPaths = (paths: string | Record<string, string>) => void;

/** What is said about the files of the wasm backend. */
export interface WasmOptions {
  /**
   * Where the `.wasm` files of the wasm backend are: their folder, or the address of each. A relative one is beside the page, or beside a worker's own
   * file. Default: what was set with `setWasmPaths`, else where TensorFlow.js looks: beside the script of a
   * script tag, and beside the page or the worker's file when it is imported.
   */
  readonly wasmPaths?: WasmPaths;
  /** That of `@tensorflow/tfjs-backend-wasm`, for `wasmPaths`. Default: that of a script tag, `tf.wasm.setWasmPaths`. */
  readonly setWasmPaths?: SetWasmPaths;
}

/**
 * Tells the wasm backend where its files are, before it is started. Does nothing without `wasmPaths`. Throws `bad-options` when there is nobody to tell, or
 * when an address means nothing here.
 */
export function tellWasmPaths({ wasmPaths, setWasmPaths = ofScriptTag() }: WasmOptions): void {
  if (wasmPaths === undefined) return;
  if (typeof setWasmPaths !== 'function') {
    throw new LogError(
      'bad-options',
      `{ wasmPaths }: there is no globalThis.tf.wasm to tell them to. Give setWasmPaths beside them: import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'.`,
    );
  }
  if (isFolder(wasmPaths)) {
    const folder = wholeAddress(wasmPaths);
    // It is put before a file name as it stands.
    return setWasmPaths(folder.endsWith('/') ? folder : `${folder}/`);
  }
  const files = Object.fromEntries(Object.entries(wasmPaths).map(([name, path]) => [name, wholeAddress(path)]));
  try {
    setWasmPaths(files);
  } catch (cause) {
    // It wants all three.
    throw new LogError('bad-options', `{ wasmPaths }: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Where the files are looked for, in words. */
export function wasmPlace({ wasmPaths }: WasmOptions): string {
  if (wasmPaths === undefined) return 'where setWasmPaths says, else beside its script, the page or the worker';
  return isFolder(wasmPaths) ? `in ${wasmPaths}` : `at ${Object.values(wasmPaths).join(', ')}`;
}

function isFolder(paths: WasmPaths): paths is string | URL {
  return typeof paths === 'string' || paths instanceof URL;
}

function wholeAddress(path: string | URL): string {
  const base: string | undefined = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(path, base).href;
  } catch (cause) {
    throw new LogError(
      'bad-options',
      `{ wasmPaths: ${describe(path)} }: a relative address means nothing here, e.g. in a worker made from a Blob. ` +
        "Give a whole one, e.g. new URL('./wasm/', import.meta.url).href.",
      { cause },
    );
  }
}

function ofScriptTag(): SetWasmPaths | undefined {
  const { tf }: { readonly tf?: { readonly wasm?: { readonly setWasmPaths?: SetWasmPaths } } } = globalThis as object;
  return tf?.wasm?.setWasmPaths;
}
