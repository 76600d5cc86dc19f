/** Counts what the database hands to this thread: the bytes of every result, keys and names included. */
export function countReads(): { bytes: number; requests: number } {
  const counted = { bytes: 0, requests: 0 };
  const watch = <Request extends IDBRequest>(request: Request): Request => {
    counted.requests += 1;
    request.addEventListener('success', () => (counted.bytes += sizeOf(request.result)));
    return request;
  };
  for (const prototype of [IDBObjectStore.prototype, IDBIndex.prototype]) {
    for (const name of ['get', 'getKey', 'getAll', 'getAllKeys', 'openCursor', 'openKeyCursor', 'count'] as const) {
      const original: unknown = Reflect.get(prototype, name);
      if (typeof original !== 'function') continue;
      Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]) {
        return watch(Reflect.apply(original, this, args) as IDBRequest); // these methods give back nothing else
      });
    }
  }
  return counted;
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value === 'number') return 8;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
  if (value instanceof Blob) return 0; // a handle: its bytes are read by whoever asks for them
  if (value instanceof IDBCursor) return sizeOf(value.key) + ('value' in value ? sizeOf(value.value) : 0);
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + sizeOf(one), 0);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).reduce((sum, [key, one]) => sum + key.length + sizeOf(one), 0);
  return 1;
}
