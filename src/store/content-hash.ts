import { Sha256 } from './sha256.ts';

// WebCrypto takes all bytes at once. Contents larger than this are hashed piece by piece, slower but in little memory.
const mostBytesAtOnce = 256 * 2 ** 20;
// A few milliseconds each, so that a page stays smooth.
const pieceBytes = 256 * 2 ** 10;

/** SHA-256 in hex of what a Blob holds, by WebCrypto where the page has it, else by ourselves. Rejects when it cannot be read. */
export async function contentHash(content: Blob, mostAtOnce: number = mostBytesAtOnce): Promise<string> {
  // Missing in pages over plain http.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle !== undefined && content.size <= mostAtOnce) {
    const digest = new Uint8Array(await subtle.digest('SHA-256', await content.arrayBuffer()));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  const hash = new Sha256();
  for (let at = 0; at < content.size; at += pieceBytes) {
    hash.update(new Uint8Array(await content.slice(at, at + pieceBytes).arrayBuffer()));
  }
  return hash.hex();
}
