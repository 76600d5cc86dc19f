import * as tf from '@tensorflow/tfjs-core';
import { LogError } from '../core/errors.ts';
import type { BackendChoice } from '../core/train-events.ts';
import { gradeWebGl, gradeWebGpu, hasWebGpu } from './adapters.ts';
import { hasLostDevice } from './device.ts';
import { tellWasmPaths, type WasmOptions, wasmPlace } from './wasm-paths.ts';

/** A backend of TensorFlow.js that can train. */
export type BackendName = 'webgpu' | 'webgl' | 'wasm' | 'cpu';

export interface ChooseBackendOptions extends WasmOptions {
  /** A name is honoured or refused; `auto` takes the first that fits. Default `auto`. */
  readonly backend?: BackendName | 'auto';
  /** Kernels that the model and its gradients need; see `neededKernels`. A backend that lacks one is passed over. Default: none. */
  readonly kernels?: readonly string[];
}

interface Candidate {
  readonly name: BackendName;
  readonly isSoftware: boolean;
  /** Why it is taken, when it is. */
  readonly because: string;
}

/**
 * Chooses a backend and makes it the active one. The order: webgpu on a real GPU, webgl on a real GPU, wasm, webgl and
 * then webgpu drawn in software, cpu. Only backends that have been imported are considered
 * (`import '@tensorflow/tfjs-backend-webgpu'`). Rejects with `no-backend` when the one asked for, or every one, is missing, fails to start,
 * or lacks a kernel, and with `bad-options` for `wasmPaths` that cannot be used.
 */
export async function chooseBackend(options: ChooseBackendOptions = {}): Promise<BackendChoice> {
  const { backend = 'auto', kernels = [] } = options;
  if (backend !== 'auto') return takeAsked(backend, kernels, options);
  const passedOver: string[] = [];
  for await (const candidate of candidates(passedOver)) {
    const obstacle = obstacleOf(candidate.name, kernels) ?? (await start(candidate.name, options));
    if (obstacle === undefined) return choice(candidate, passedOver);
    passedOver.push(`${candidate.name} ${obstacle}`);
  }
  throw new LogError('no-backend', `chooseBackend(): no backend can train this model here: ${passedOver.join('; ')}.`);
}

/** What the active backend is, for a model that stays where it is. */
export async function describeActiveBackend(): Promise<BackendChoice> {
  await tf.ready();
  const backend = tf.getBackend();
  return {
    backend,
    isSoftware: (await gradeOf(backend)) === 'software',
    reason: `${backend}: it is the active backend, and the model is on it.`,
  };
}

async function takeAsked(name: BackendName, kernels: readonly string[], wasm: WasmOptions): Promise<BackendChoice> {
  const isSoftware = (await gradeOf(name)) === 'software';
  const obstacle = obstacleOf(name, kernels) ?? (await start(name, wasm));
  if (obstacle === undefined)
    return choice({ name, isSoftware, because: `it was asked for${isSoftware ? '; this one is drawn in software' : ''}` }, []);
  throw new LogError('no-backend', `chooseBackend({ backend: '${name}' }): ${name} ${obstacle}. Ask for another one, or for 'auto'.`);
}

function gradeOf(name: string): Promise<string> | string {
  if (name === 'webgpu') return gradeWebGpu();
  return name === 'webgl' ? gradeWebGl() : 'none';
}

/** In order; each is looked at only when those before it did not fit. */
async function* candidates(passedOver: string[]): AsyncGenerator<Candidate> {
  const webgpu = isRegistered('webgpu') ? await gradeWebGpu() : undefined;
  if (webgpu === 'gpu') yield { name: 'webgpu', isSoftware: false, because: 'there is a GPU' };
  else if (webgpu !== 'software') passedOver.push(webgpu === undefined ? absence('webgpu') : 'webgpu finds no adapter');
  const webgl = isRegistered('webgl') ? gradeWebGl() : undefined;
  if (webgl === 'gpu') yield { name: 'webgl', isSoftware: false, because: 'there is a GPU' };
  else if (webgl !== 'software') passedOver.push(webgl === undefined ? absence('webgl') : 'webgl finds no context');
  const emulated = [...(webgpu === 'software' ? ['webgpu'] : []), ...(webgl === 'software' ? ['webgl'] : [])];
  if (emulated.length > 0) passedOver.push(`${emulated.join(' and ')} would be drawn in software`);
  if (isRegistered('wasm')) yield { name: 'wasm', isSoftware: false, because: 'the fastest on the processor' };
  else passedOver.push(absence('wasm'));
  if (webgl === 'software')
    yield { name: 'webgl', isSoftware: true, because: 'drawn in software, which is still faster than plain JavaScript' };
  if (webgpu === 'software')
    yield { name: 'webgpu', isSoftware: true, because: 'drawn in software, which is still faster than plain JavaScript' };
  if (isRegistered('cpu')) yield { name: 'cpu', isSoftware: false, because: 'plain JavaScript, the last resort' };
  else passedOver.push(absence('cpu'));
}

/** Whether a backend has been imported. */
export function isRegistered(name: string): boolean {
  // The types leave out that an unknown name gives nothing.
  return (tf.findBackendFactory(name) as unknown) != null;
}

function absence(name: string): string {
  // tfjs registers WebGPU only where the browser has it.
  if (name === 'webgpu' && !hasWebGpu()) return 'webgpu is not in this browser';
  return `${name} is not loaded (import '@tensorflow/tfjs-backend-${name}')`;
}

function obstacleOf(name: string, kernels: readonly string[]): string | undefined {
  if (!isRegistered(name)) return absence(name).slice(name.length + 1);
  const has = new Set(tf.getKernelsForBackend(name).map(({ kernelName }) => kernelName));
  const missing = kernels.filter((kernel) => !has.has(kernel));
  if (missing.length === 0) return undefined;
  return `has no kernel ${missing.join(', ')}, which this model's training needs`;
}

/** Makes a backend the active one. Gives back what stood in the way. */
async function start(name: string, wasm: WasmOptions): Promise<string | undefined> {
  if (name === 'wasm') tellWasmPaths(wasm);
  replaceIfLost(name);
  try {
    if (await tf.setBackend(name)) {
      await tf.ready();
      return undefined;
    }
    const place = name === 'wasm' ? ` (its files are looked for ${wasmPlace(wasm)})` : '';
    return `could not start${place}; the console has its reason`;
  } catch (thrown) {
    return `could not start: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}

/** A backend whose device is gone stays unusable; tfjs makes a new one only from a fresh registration. */
function replaceIfLost(name: string): void {
  if (!hasLostDevice(name)) return;
  const factory = tf.findBackendFactory(name);
  tf.removeBackend(name);
  // 3 is the priority with which tfjs itself registers WebGPU.
  tf.registerBackend(name, factory, 3);
}

async function choice(candidate: Candidate, passedOver: readonly string[]): Promise<BackendChoice> {
  const { name, isSoftware, because } = candidate;
  const before = passedOver.length === 0 ? '' : `; ${passedOver.join('; ')}`;
  return { backend: name, isSoftware, reason: `${name}${await detail(name)}: ${because}${before}.` };
}

async function detail(name: string): Promise<string> {
  if (name !== 'wasm') return '';
  const has = async (flag: string): Promise<boolean> => (await tf.env().getAsync(flag)) === true;
  const simd = (await has('WASM_HAS_SIMD_SUPPORT')) ? 'SIMD' : 'without SIMD';
  return (await has('WASM_HAS_MULTITHREAD_SUPPORT')) ? ` (${simd}, threads)` : ` (${simd})`;
}
