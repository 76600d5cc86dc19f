/** Throws, with what was found and what was expected, unless the two hold the same. NaN equals NaN; 0 and -0 differ. */
export function expectSame(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [show(found), show(expected)];
  if (left !== right) throw new Error(`${what}: found ${left}, expected ${right}`);
}

/** Throws unless the claim is true. */
export function expectTrue(claim: boolean, what: string): void {
  if (!claim) throw new Error(`not true: ${what}`);
}

/** Throws unless the promise rejects with an error that has this `code`. */
export async function expectCode(promise: Promise<unknown>, code: string, what: string): Promise<void> {
  let found: unknown = 'no error';
  try {
    await promise;
  } catch (thrown) {
    found = thrown instanceof Error && 'code' in thrown ? thrown.code : thrown;
  }
  expectSame(found, code, `${what}: code of the error`);
}

function show(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as unknown as ArrayLike<number>, show).join(', ')}]`; // typed arrays only
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, held]) => `${key}: ${show(held)}`).join(', ')}}`;
}
