import { type BlockColumns, blockHeadBytes, readBlock, readBlockHead } from '../formats/archive/point-block.ts';

/** Points of one generation of a run. */
export interface Block {
  readonly generation: number;
  readonly columns: BlockColumns;
}

/** The blocks of a file of points, one in memory at a time. Throws an `Error` in words where it is not as it should be. */
export async function* readBlocks(points: Blob): AsyncGenerator<Block, void, undefined> {
  for (let at = 0; at < points.size;) {
    const head = readBlockHead(await bytesOf(points, at, blockHeadBytes));
    yield { generation: head.generation, columns: readBlock(await bytesOf(points, at, head.bytes), head) };
    at += head.bytes;
  }
}

async function bytesOf(blob: Blob, from: number, length: number): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(from, from + length).arrayBuffer());
}
