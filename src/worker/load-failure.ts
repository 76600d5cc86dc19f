/** Milliseconds that finding out may take: a worker's death is told within a second. */
const patience = 700;

/**
 * Why a module worker's script at an address did not load, in words that end a sentence. The browser itself says only that it failed, so
 * the file is asked for once more. `policy` is the directive that the browser says forbade it, if it does. Never rejects.
 */
export async function loadFailure(address: URL, policy: string | undefined): Promise<string> {
  const { href } = address;
  if (policy !== undefined) return `this page's Content-Security-Policy forbids it (${policy}): its script is ${href}`;
  const signal = AbortSignal.timeout(patience);
  try {
    const answer = await fetch(href, { signal, credentials: 'same-origin' });
    // Its contents are not wanted.
    void answer.body?.cancel().catch(() => {});
    return foundAt(href, answer);
  } catch {
    if (!(await isThere(href, signal)))
      return `its script could not be loaded: nothing answers at ${href}, or a policy of this page forbids it`;
    return (
      `its script could not be loaded: ${address.host} does not allow other origins to read ${href}. ` +
      'It has to answer with the header Access-Control-Allow-Origin'
    );
  }
}

function foundAt(href: string, { ok, status, headers }: Response): string {
  if (!ok) return `its script was not found: ${href} answers with status ${status}`;
  const type = headers.get('Content-Type') ?? '';
  if (!/\b(?:java|ecma)script\b/i.test(type))
    return `its script could not be loaded: ${href} is no JavaScript, its Content-Type is ${type === '' ? 'missing' : `'${type}'`}`;
  return `its script could not be loaded: ${href} is there, so it is no module, or what it imports is missing, named without an address (import maps do not reach into workers), or forbidden by this page's Content-Security-Policy`;
}

/** Whether anything answers, even if it may not be read. */
async function isThere(href: string, signal: AbortSignal): Promise<boolean> {
  try {
    await fetch(href, { signal, mode: 'no-cors' });
    return true;
  } catch {
    return false;
  }
}
