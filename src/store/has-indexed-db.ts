/** Whether there is IndexedDB here at all; it may still be refused when it is opened. */
export function hasIndexedDb(): boolean {
  try {
    return typeof indexedDB !== 'undefined' && indexedDB !== null;
  } catch {
    // Some browsers throw at the mere name in a sandboxed frame.
    return false;
  }
}
