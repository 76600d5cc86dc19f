import * as tf from '@tensorflow/tfjs-core';
import { LogError } from '../core/errors.ts';

/** What is used of tfjs's WebGPU backend; all of it is public at run time. */
interface WebGpuBackend {
  readonly device: { readonly lost: Promise<{ readonly message: string }> };
  readonly queue: { onSubmittedWorkDone(): Promise<unknown> };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** What is used of tfjs's WebGL backend. */
interface WebGlBackend {
  readonly gpgpu: { readonly gl: WebGL2RenderingContext };
}

/** Whether and why a device was lost. */
export interface DeviceLoss {
  /** Set once the device is lost. */
  readonly error: LogError | undefined;
  /** Settles as `work` does, or rejects as soon as the device is lost, after which `work` may never settle. */
  orLost<Result>(work: Promise<Result>): Promise<Result>;
}

const losses = new WeakMap<object, DeviceLoss>();
const lostBackends = new Set<string>();

/** Watches the device of a backend. Undefined for backends whose device cannot be lost. */
export function deviceLoss(backend: unknown = tf.backend()): DeviceLoss | undefined {
  if (!isWebGpu(backend)) return undefined;
  const known = losses.get(backend.device);
  if (known !== undefined) return known;
  const name = nameOf(backend) ?? tf.getBackend();
  let error: LogError | undefined;
  lostBackends.delete(name);
  const waiting = new Set<(error: LogError) => void>();
  void backend.device.lost.then((info) => {
    error = lost(info.message);
    lostBackends.add(name);
    for (const reject of waiting) reject(error);
    waiting.clear();
  });
  const loss: DeviceLoss = {
    get error() {
      return error;
    },
    orLost(work) {
      if (error !== undefined) return Promise.reject(error);
      // Not Promise.race: a promise that stays open holds on to every race it was ever in, and to what came of it.
      return new Promise((resolve, reject) => {
        waiting.add(reject);
        work.then(resolve, reject).finally(() => waiting.delete(reject));
      });
    },
  };
  losses.set(backend.device, loss);
  return loss;
}

/** Whether the backend registered under a name has lost its device and needs a fresh one. */
export function hasLostDevice(name: string): boolean {
  return lostBackends.has(name);
}

/** Throws `device-lost` when a backend has lost its device. */
export function refuseLostDevice(backend: unknown = tf.backend()): void {
  const error = deviceLoss(backend)?.error;
  if (error !== undefined) throw error;
  if (isWebGl(backend) && backend.gpgpu.gl.isContextLost()) throw lost('the WebGL context was lost');
}

/** Milliseconds that a failed read waits for the news that its device is lost. */
const newsMs = 200;

/** Throws `device-lost` when that is why something just failed: Chrome fails reads a moment before it tells of the loss. */
export async function refuseIfBeingLost(backend: unknown = tf.backend()): Promise<void> {
  refuseLostDevice(backend);
  const loss = deviceLoss(backend);
  if (loss !== undefined) await loss.orLost(new Promise((resolve) => setTimeout(resolve, newsMs)));
}

/**
 * Resolves once the active backend's device has done everything asked of it so far; nothing is read back. Undefined
 * where work is done as it is called. Rejects with `device-lost`.
 */
export function deviceIdle(): Promise<void> | undefined {
  const backend: unknown = tf.backend();
  if (isWebGpu(backend)) {
    // tfjs submits every 15 dispatches; what is still recorded would never be waited for.
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.submitQueue();
    const done = backend.queue.onSubmittedWorkDone().then(() => {});
    return deviceLoss()?.orLost(done) ?? done;
  }
  if (isWebGl(backend)) return glIdle(backend.gpgpu.gl);
  return undefined;
}

/** The backend that holds a tensor's numbers: the one it was made on, until a kernel of another one takes it over. */
export function backendOf(tensor: tf.Tensor): unknown {
  return tf.engine().state.tensorInfo.get(tensor.dataId)?.backend;
}

/** True when a backend's numbers lie in memory and reading one is no round trip. */
export function isHostBackend(backend: unknown): boolean {
  const name = nameOf(backend);
  return name === 'cpu' || name === 'wasm';
}

function nameOf(backend: unknown): string | undefined {
  const { registry } = tf.engine();
  return Object.keys(registry).find((name) => registry[name] === backend);
}

function isWebGpu(backend: unknown): backend is WebGpuBackend {
  return typeof backend === 'object' && backend !== null && 'device' in backend && 'submitQueue' in backend;
}

function isWebGl(backend: unknown): backend is WebGlBackend {
  return typeof backend === 'object' && backend !== null && 'gpgpu' in backend;
}

async function glIdle(gl: WebGL2RenderingContext): Promise<void> {
  // WebGL 1 has no fences; its driver holds the loop back by itself.
  const fence = typeof gl.fenceSync === 'function' ? gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0) : null;
  gl.flush();
  while (fence !== null) {
    if (gl.isContextLost()) throw lost('the WebGL context was lost');
    const state = gl.clientWaitSync(fence, 0, 0);
    if (state === gl.ALREADY_SIGNALED || state === gl.CONDITION_SATISFIED) break;
    // A fence changes its state between tasks only.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  if (fence !== null) gl.deleteSync(fence);
}

function lost(message: string): LogError {
  return new LogError(
    'device-lost',
    `the GPU device was lost${message === '' ? '' : ` (${message})`}. What was logged before is kept. Train again with a new System; it gets a fresh device.`,
  );
}
