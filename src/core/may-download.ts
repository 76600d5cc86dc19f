/** True in a sandboxed frame without `allow-same-origin`. Pages of `file:` say `null`, too. */
export function hasOpaqueOrigin(): boolean {
  return globalThis.origin === 'null' && globalThis.location?.protocol !== 'file:';
}

/**
 * Whether the frame that this page is in lets files be saved: undefined where it cannot be seen, as in a sandboxed frame, which
 * knows nothing of its own sandbox. A browser that ignores a download says so in its console only.
 */
export function mayDownload(): boolean | undefined {
  if (hasOpaqueOrigin()) return undefined;
  try {
    const sandbox = globalThis.frameElement?.getAttribute('sandbox');
    return typeof sandbox !== 'string' || /(^|\s)allow-downloads(\s|$)/i.test(sandbox);
  } catch {
    return undefined;
  }
}
