// JSON has no NaN, no infinities, no -0 and no typed arrays. Each of them is written as an object with one key that begins with `$`:
//   {"$number": "NaN"}  {"$Float32Array": "<its bytes, little-endian, as base64>"}
// and an ordinary object that looks like that as {"$object": {"$key": …}}.

/** A typed array that records can hold. */
export type Column = Float64Array | Float32Array | Uint32Array | Int32Array | Uint8Array;

const columns = { Float64Array, Float32Array, Uint32Array, Int32Array, Uint8Array } as const;
const specialNumbers: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);
/** Deeper than anybody nests settings, and far from where recursion ends. */
const mostLevels = 200;

/** Plain data as JSON text, without line ends, that {@link readPlainJson} reads back as the same. What is no plain data becomes text. */
export function writePlainJson(value: unknown): string {
  return JSON.stringify(toPlain(value));
}

/** Reads what {@link writePlainJson} wrote. Throws an `Error` in words when it is not that. */
export function readPlainJson(text: string): unknown {
  return fromPlain(JSON.parse(text), 0);
}

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  // So few that they can be arguments of one call.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** The bytes of base64. Throws when it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function toPlain(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: Object.is(value, -0) ? '-0' : `${value}` };
  if (Array.isArray(value)) return value.map(toPlain);
  if (ArrayBuffer.isView(value)) {
    return { [`$${value.constructor.name}`]: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
  }
  if (typeof value !== 'object' || value instanceof Date) return value instanceof Date ? value.toISOString() : String(value);
  const plain = Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, toPlain(item)]),
  );
  return isMarked(plain) ? { $object: plain } : plain;
}

function fromPlain(value: unknown, level: number): unknown {
  if (level > mostLevels) throw new Error(`it is nested more than ${mostLevels} levels deep`);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => fromPlain(item, level + 1));
  if (!isMarked(value)) return each(value, level);
  const [mark = '', inside] = Object.entries(value)[0] ?? [];
  const name = mark.slice(1);
  const number = specialNumbers.get(inside);
  if (name === 'number' && number !== undefined) return number;
  if (name === 'object' && typeof inside === 'object' && inside !== null) return each(inside, level);
  if (!Object.hasOwn(columns, name) || typeof inside !== 'string') throw new Error(`'${mark.slice(0, 40)}' does not say what it holds`);
  const bytes = fromBase64(inside);
  const Kind = columns[name as keyof typeof columns]; // it is one of them
  if (bytes.length % Kind.BYTES_PER_ELEMENT !== 0) throw new Error(`a ${name} of ${bytes.length} bytes`);
  return new Kind(bytes.buffer);
}

// Not by assignment: a key called __proto__ is a key like any other.
function each(value: object, level: number): unknown {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromPlain(item, level + 1)]));
}

function isMarked(value: object): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0]!.startsWith('$');
}
