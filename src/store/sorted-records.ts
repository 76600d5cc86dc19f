import type { KeyPart, KeyRange, RecordKey } from './store-backend.ts';

/** Records in the order of their keys, as an object store of IndexedDB keeps them. */
export class SortedRecords<Value extends object> {
  readonly #keyPath: string | readonly string[];
  readonly #keys: RecordKey[] = [];
  readonly #values: Value[] = [];

  constructor(keyPath: string | readonly string[]) {
    this.#keyPath = keyPath;
  }

  get(key: RecordKey): Value | undefined {
    const at = this.#find(key);
    return this.#has(at, key) ? this.#values[at] : undefined;
  }

  /** Those in the range, in order; without one all. */
  getAll(range?: KeyRange, most: number = Infinity): readonly Value[] {
    return this.#values.slice(...this.#bounds(range, most));
  }

  keys(range: KeyRange, most: number = Infinity): readonly RecordKey[] {
    return this.#keys.slice(...this.#bounds(range, most));
  }

  lastKey(range: KeyRange): RecordKey | undefined {
    const [from, to] = this.#bounds(range, Infinity);
    return from < to ? this.#keys[to - 1] : undefined;
  }

  /** Gives back its undo. Throws a `ConstraintError` when the key is taken and must not be. */
  put(value: Value, isNew: boolean): () => void {
    const key = keyOf(value, this.#keyPath);
    const at = this.#find(key);
    const old = this.#values[at];
    if (old === undefined || !this.#has(at, key)) {
      this.#keys.splice(at, 0, key);
      this.#values.splice(at, 0, value);
      return () => void this.delete({ from: key, to: key });
    }
    if (isNew) throw new DOMException(`The key ${JSON.stringify(key)} is taken.`, 'ConstraintError');
    this.#values[at] = value;
    return () => void this.put(old, false);
  }

  /** Gives back its undo. */
  delete(range?: KeyRange): () => void {
    const [from, to] = this.#bounds(range, Infinity);
    this.#keys.splice(from, to - from);
    const removed = this.#values.splice(from, to - from);
    return () => {
      for (const value of removed) this.put(value, false);
    };
  }

  // Where the key is, or would be.
  #find(key: RecordKey): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle] as RecordKey, key) < 0) low = middle + 1; // middle < length
      else high = middle;
    }
    return low;
  }

  #has(at: number, key: RecordKey): boolean {
    const found = this.#keys[at];
    return found !== undefined && compareKeys(found, key) === 0;
  }

  #bounds(range: KeyRange | undefined, most: number): [from: number, to: number] {
    if (range === undefined) return [0, Math.min(most, this.#keys.length)];
    const from = this.#find(range.from);
    const end = this.#find(range.to);
    return [from, Math.min(from + most, this.#has(end, range.to) ? end + 1 : end)];
  }
}

function keyOf(value: object, keyPath: string | readonly string[]): RecordKey {
  // The schema says which properties make the key, and that they are strings and numbers.
  const parts = value as Readonly<Record<string, KeyPart>>;
  const part = (name: string): KeyPart => {
    const found = parts[name];
    if (typeof found !== 'string' && (typeof found !== 'number' || Number.isNaN(found))) {
      throw new DOMException(`The record has no '${name}' that could be part of its key.`, 'DataError');
    }
    return found;
  };
  return typeof keyPath === 'string' ? String(part(keyPath)) : keyPath.map(part);
}

function compareKeys(a: RecordKey | KeyPart, b: RecordKey | KeyPart): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      // Both are that long.
      const order = compareKeys(a[index] as KeyPart, b[index] as KeyPart);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  const byKind = rank(a) - rank(b);
  if (byKind !== 0) return byKind;
  return a === b ? 0 : a < b ? -1 : 1;
}

function rank(part: RecordKey | KeyPart): number {
  return typeof part === 'number' ? 0 : typeof part === 'string' ? 1 : 2;
}
