import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { chooseBackend } from '../../../src/tfjs/backend.ts';

// Node has neither WebGPU nor WebGL: what browsers would have is stood in for. The backends behind the names are the
// cpu one, registered again; the choice never looks inside.

// The backends that stand behind these names bring these flags along.
tf.env().registerFlag('WEBGPU_USE_LOW_POWER_GPU', () => false);
tf.env().registerFlag('WASM_HAS_SIMD_SUPPORT', () => true);
tf.env().registerFlag('WASM_HAS_MULTITHREAD_SUPPORT', () => false);

for (const name of ['webgpu', 'webgl', 'wasm']) tf.copyRegisteredKernels('cpu', name);
// Stands for one that others lack, as wasm lacks Conv2DBackpropFilter.
tf.registerKernel({ kernelName: 'OnlyOnCpu', backendName: 'cpu', kernelFunc: () => [] });

const asked: string[] = [];

function register(...names: string[]): void {
  const factory = tf.findBackendFactory('cpu');
  for (const name of names) tf.registerBackend(name, factory, 0);
}

function webGpu(adapter: object | null): void {
  const gpu = { requestAdapter: async () => (asked.push('adapter'), adapter) };
  vi.stubGlobal('navigator', { gpu });
}

function webGl(renderer: string | undefined): void {
  const gl = {
    RENDERER: 1,
    getParameter: (name: number) => (name === 2 ? renderer : 'WebKit WebGL'),
    getExtension: (name: string) =>
      name === 'WEBGL_debug_renderer_info' ? { UNMASKED_RENDERER_WEBGL: 2 } : { loseContext: () => asked.push('context let go') },
  };
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      getContext(): unknown {
        return renderer === undefined ? null : gl;
      }
    },
  );
}

const gpu = { info: { vendor: 'acme', architecture: 'rocket-3' } };
const fallback = { info: { isFallbackAdapter: true } };
const nvidia = 'ANGLE (NVIDIA, NVIDIA GeForce)';
const swiftshader = 'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)';

afterEach(async () => {
  vi.unstubAllGlobals();
  await tf.setBackend('cpu');
  for (const name of ['webgpu', 'webgl', 'wasm']) if (tf.findBackendFactory(name) != null) tf.removeBackend(name);
  asked.length = 0;
});

describe('the order', () => {
  test.each([
    ['webgpu on a GPU', gpu, nvidia, 'webgpu', false],
    ['webgl on a GPU before webgpu in software', fallback, nvidia, 'webgl', false],
    ['webgl on a GPU where there is no adapter', null, nvidia, 'webgl', false],
    ['wasm before anything in software', fallback, swiftshader, 'wasm', false],
    ['wasm where there is neither adapter nor context', null, undefined, 'wasm', false],
  ])('%s', async (_name, adapter, renderer, backend, isSoftware) => {
    register('webgpu', 'webgl', 'wasm');
    webGpu(adapter);
    webGl(renderer);
    expect(await chooseBackend()).toMatchObject({ backend, isSoftware });
    expect(tf.getBackend()).toBe(backend);
  });

  test.each([
    ['adapter.isFallbackAdapter, where browsers had it first', { isFallbackAdapter: true }],
    ['its architecture', { info: { vendor: 'google', architecture: 'swiftshader' } }],
    ['its description', { info: { vendor: 'mesa', description: 'llvmpipe (LLVM 15)' } }],
  ])('software is told by %s', async (_name, adapter) => {
    register('webgpu');
    webGpu(adapter);
    expect(await chooseBackend({ backend: 'webgpu' })).toMatchObject({ isSoftware: true, reason: expect.stringContaining('in software') });
  });

  test('of what is drawn in software webgl comes before webgpu, and both before cpu', async () => {
    register('webgpu', 'webgl');
    webGpu(fallback);
    webGl(swiftshader);
    expect(await chooseBackend()).toMatchObject({ backend: 'webgl', isSoftware: true });
    tf.removeBackend('webgl');
    expect(await chooseBackend()).toMatchObject({ backend: 'webgpu', isSoftware: true });
    tf.removeBackend('webgpu');
    expect(await chooseBackend()).toMatchObject({ backend: 'cpu', isSoftware: false });
  });

  test('a context made to look at the renderer is let go', async () => {
    register('webgl');
    webGl(nvidia);
    await chooseBackend();
    expect(asked).toEqual(['context let go']);
  });
});

describe('the reason', () => {
  test('names what was passed over and why', async () => {
    register('webgpu', 'webgl');
    webGpu(null);
    webGl(undefined);
    const { reason } = await chooseBackend();
    expect(reason).toBe(
      "cpu: plain JavaScript, the last resort; webgpu finds no adapter; webgl finds no context; wasm is not loaded (import '@tensorflow/tfjs-backend-wasm').",
    );
  });

  test('holds no name of an adapter', async () => {
    register('webgpu', 'webgl');
    webGpu(gpu);
    expect((await chooseBackend()).reason).toBe('webgpu: there is a GPU.');
  });

  test('says where the browser has no WebGPU', async () => {
    vi.stubGlobal('navigator', {});
    expect((await chooseBackend()).reason).toContain('webgpu is not in this browser');
  });
});

describe('kernels', () => {
  test('a backend that lacks one is passed over, and the reason names it', async () => {
    register('wasm');
    const choice = await chooseBackend({ kernels: ['Add', 'OnlyOnCpu'] });
    expect(choice.backend).toBe('cpu');
    expect(choice.reason).toContain("wasm has no kernel OnlyOnCpu, which this model's training needs");
  });

  test('asked for by name it is refused', async () => {
    register('wasm');
    const refused = chooseBackend({ backend: 'wasm', kernels: ['OnlyOnCpu'] });
    await expect(refused).rejects.toMatchObject({ code: 'no-backend', message: expect.stringContaining('OnlyOnCpu') });
  });
});

describe('asked for by name', () => {
  test('it is honoured, whatever would have come first', async () => {
    register('webgpu');
    webGpu(gpu);
    expect(await chooseBackend({ backend: 'cpu' })).toEqual({ backend: 'cpu', isSoftware: false, reason: 'cpu: it was asked for.' });
  });

  test('one that is not loaded is refused with the line that loads it', async () => {
    await expect(chooseBackend({ backend: 'wasm' })).rejects.toMatchObject({
      code: 'no-backend',
      message: expect.stringContaining("import '@tensorflow/tfjs-backend-wasm'"),
    });
  });

  test('one that does not start is refused, and auto goes on to the next', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    tf.registerBackend('wasm', () => Promise.reject(new Error('no file')), 0);
    await expect(chooseBackend({ backend: 'wasm' })).rejects.toMatchObject({
      code: 'no-backend',
      message: expect.stringContaining('could not start'),
    });
    expect(await chooseBackend()).toMatchObject({ backend: 'cpu', reason: expect.stringContaining('wasm could not start') });
    warned.mockRestore();
  });
});
