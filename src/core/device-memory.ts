/**
 * True on a device that says it has at most 4 GiB of memory. Only Chrome and Edge say so, up to 8 GiB (32 in newer ones), and only to secure pages.
 * https://www.w3.org/TR/device-memory/
 */
export function isSmallDevice(): boolean {
  const { deviceMemory = Infinity } = (globalThis.navigator ?? {}) as { readonly deviceMemory?: number }; // in no TypeScript library
  return deviceMemory <= 4;
}
