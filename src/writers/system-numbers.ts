/** Not in every browser, nor in the types. */
interface HeapMemory {
  readonly usedJSHeapSize: number;
  readonly totalJSHeapSize: number;
}

/** What the browser tells of memory and storage, in bytes; nothing where it tells nothing. Power, temperature and load no page can read. */
export async function systemNumbers(): Promise<Readonly<Record<string, number>>> {
  const { memory } = performance as Performance & { readonly memory?: HeapMemory };
  const storage = (globalThis.navigator as Navigator | undefined)?.storage as StorageManager | undefined; // not in Node, not on insecure pages
  const { usage, quota } = (await storage?.estimate()) ?? {};
  const numbers = {
    heap_used_bytes: memory?.usedJSHeapSize,
    heap_total_bytes: memory?.totalJSHeapSize,
    storage_used_bytes: usage,
    storage_quota_bytes: quota,
  };
  return Object.fromEntries(Object.entries(numbers).filter((entry): entry is [string, number] => entry[1] !== undefined));
}
