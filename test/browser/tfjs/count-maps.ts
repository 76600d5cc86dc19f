/** Counts the reads of GPU buffers from now on: every number that leaves a WebGPU device goes through `mapAsync`. */
export function countMaps(): { readonly count: number; stop(): void } {
  // WebGPU is not in this project's DOM types.
  const { prototype } = (
    globalThis as unknown as { readonly GPUBuffer: { readonly prototype: { mapAsync(...args: unknown[]): Promise<void> } } }
  ).GPUBuffer;
  const original = prototype.mapAsync;
  let count = 0;
  prototype.mapAsync = function mapAsync(...args): Promise<void> {
    count += 1;
    return original.apply(this, args);
  };
  return {
    get count() {
      return count;
    },
    stop: () => (prototype.mapAsync = original),
  };
}
