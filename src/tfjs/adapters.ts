import * as tf from '@tensorflow/tfjs-core';

/** What stands behind a GPU interface here. */
export type AdapterGrade = 'gpu' | 'software' | 'none';

interface GpuAdapterInfo {
  readonly isFallbackAdapter?: boolean;
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
}

interface GpuAdapter {
  /** Where browsers had it before it moved to `info`. */
  readonly isFallbackAdapter?: boolean;
  readonly info?: GpuAdapterInfo;
}

interface Gpu {
  requestAdapter(options: { readonly powerPreference: string }): Promise<GpuAdapter | null>;
}

/** Names under which GPU interfaces drawn by the processor are known. */
const softwareNames = /swiftshader|llvmpipe|softpipe|lavapipe|software|basic render|microsoft warp|swrast/i;

/** Asks for the adapter that tfjs's WebGPU backend will get. */
export async function gradeWebGpu(): Promise<AdapterGrade> {
  const gpu = gpuOfBrowser();
  if (gpu === undefined) return 'none';
  const powerPreference = tf.env().get('WEBGPU_USE_LOW_POWER_GPU') === true ? 'low-power' : 'high-performance';
  const adapter = await gpu.requestAdapter({ powerPreference }).catch(() => null);
  if (adapter === null) return 'none';
  const { info } = adapter;
  const names = [info?.vendor, info?.architecture, info?.device, info?.description].join(' ');
  return adapter.isFallbackAdapter === true || info?.isFallbackAdapter === true || softwareNames.test(names) ? 'software' : 'gpu';
}

/** Looks at the renderer of a WebGL context made for the purpose. */
export function gradeWebGl(): AdapterGrade {
  const canvas = makeCanvas();
  const gl = canvas?.getContext('webgl2') ?? canvas?.getContext('webgl');
  if (!isGl(gl)) return 'none';
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
  // Browsers allow few contexts at a time; this one must not cost the page one of its own.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return softwareNames.test(renderer) ? 'software' : 'gpu';
}

/** Whether this browser, or worker, has WebGPU at all. */
export function hasWebGpu(): boolean {
  return gpuOfBrowser() !== undefined;
}

function gpuOfBrowser(): Gpu | undefined {
  // `gpu` is not in this project's DOM types; there is none in Node and in old browsers.
  return (globalThis.navigator as { readonly gpu?: Gpu } | undefined)?.gpu;
}

function makeCanvas(): OffscreenCanvas | HTMLCanvasElement | undefined {
  if (typeof OffscreenCanvas === 'function') return new OffscreenCanvas(1, 1);
  return typeof document === 'object' ? document.createElement('canvas') : undefined;
}

function isGl(context: unknown): context is WebGLRenderingContext {
  return typeof context === 'object' && context !== null && 'getParameter' in context;
}
