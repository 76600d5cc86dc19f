import { openStore } from 'tabtrain';
import { csv, tfevents } from 'tabtrain/export';

interface Options {
  readonly points: number;
  readonly tags: number;
  readonly rounds: number;
}

export interface ExportRound {
  readonly seconds: number;
  readonly bytes: number;
}

export interface ExportResult {
  readonly points: number;
  readonly rounds: Readonly<Record<string, readonly ExportRound[]>>;
  /** Bytes of this page before an export and at each 10 MB on its way, by exporter. */
  readonly memory: Readonly<Record<string, readonly number[]>>;
}

const exporters = { tfevents, csv };
const chunkPoints = 4000;

/** Exports one long run from the database, as a directory or a zip would take it: each piece of bytes is looked at and let go. */
export default async function measure({ points, tags, rounds }: Options): Promise<ExportResult> {
  const store = await openStore('export');
  const { id } = await store.createRun({ startedAt: Date.now() / 1000, config: { lr: 0.03 } });
  const names = Array.from({ length: tags }, (_, i) => `train/metric${i}`);
  const chunks = Math.ceil(points / chunkPoints);
  for (let seq = 0; seq < chunks; seq++) await store.append({ runId: id, seq, tags: names, ...columns(seq, tags) });

  const results: Record<string, ExportRound[]> = { tfevents: [], csv: [] };
  const memory: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round++) {
    for (const [name, exporter] of Object.entries(exporters)) {
      const began = performance.now();
      let bytes = 0;
      for await (const file of exporter(store, [id])) for await (const piece of file.bytes) bytes += piece.byteLength;
      // The first is a warm-up.
      if (round >= 0) results[name]?.push({ seconds: (performance.now() - began) / 1000, bytes });
    }
  }
  // Apart from the timed rounds: looking at memory takes longer than exporting.
  for (const [name, exporter] of Object.entries(exporters)) {
    const seen = [(await performance.measureUserAgentSpecificMemory()).bytes];
    let sinceLast = 0;
    for await (const file of exporter(store, [id])) {
      for await (const piece of file.bytes) {
        sinceLast += piece.byteLength;
        if (sinceLast < 10e6) continue;
        sinceLast = 0;
        seen.push((await performance.measureUserAgentSpecificMemory()).bytes);
      }
    }
    memory[name] = seen;
  }
  await store.close();
  return { points: chunks * chunkPoints, rounds: results, memory };
}

function columns(
  seq: number,
  tags: number,
): { tag: Uint16Array; step: Float64Array; epoch: Float64Array; wallTime: Float64Array; value: Float64Array } {
  const first = seq * chunkPoints;
  const column = (at: (i: number) => number): Float64Array => Float64Array.from({ length: chunkPoints }, (_, k) => at(first + k));
  return {
    tag: Uint16Array.from({ length: chunkPoints }, (_, k) => (first + k) % tags),
    step: column((i) => Math.floor(i / tags)),
    epoch: column((i) => Math.floor(i / tags / 1000)),
    wallTime: column((i) => 1.7e9 + Math.floor(i / tags) * 0.015),
    value: column((i) => Math.exp(-i / 1e6) + Math.sin(i) * 0.01),
  };
}
