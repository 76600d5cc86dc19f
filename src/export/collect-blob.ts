// Small pieces of a Blob stay in memory, large ones can move to the disk.
const blobPartBytes = 8 * 1024 * 1024;

/** Collects pieces in a Blob. */
export async function collectBlob(source: AsyncIterable<Uint8Array>, type: string): Promise<Blob> {
  const parts: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const piece of source) {
    pieces.push(piece as Uint8Array<ArrayBuffer>); // exporters make no shared buffers
    size += piece.length;
    if (size < blobPartBytes) continue;
    parts.push(new Blob(pieces));
    pieces = [];
    size = 0;
  }
  return new Blob([...parts, ...pieces], { type });
}

/** The pieces of a stream; Safari cannot iterate over streams by itself. */
export async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
