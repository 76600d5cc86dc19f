import type { RunInfo } from '../../../src/core/run-info.ts';
import { importFacts } from '../../../src/core/run-name.ts';
import { toZip } from '../../../src/export/index.ts';
import type { ExportFiles } from '../../../src/export/index.ts';
import type { MetricStore } from '../../../src/store/metric-store.ts';

/** A zip as a file that somebody chose. */
export async function zipFile(files: ExportFiles, name = 'ada.zip'): Promise<File> {
  return new File([await new Response(toZip(files)).blob()], name);
}

/** Everything a store tells about a run, in a form that can be compared; without what an import notes and where chunks lie. */
export async function snapshotOf(store: MetricStore, runId: string, withSource = true): Promise<unknown> {
  const run = await store.run(runId);
  if (run === undefined) return undefined;
  // Which tag was logged before which is told by wall times once a store has sorted them.
  const points: Record<string, unknown[]> = {};
  for await (const { tags, tag, step, epoch, wallTime, value } of store.chunks(runId)) {
    for (let i = 0; i < tag.length; i++) (points[`tag ${tags[tag[i]!]!}`] ??= []).push([step[i], epoch[i], wallTime[i], value[i]]);
  }
  const records = await Promise.all(
    (await store.records(runId)).map(async (record) => {
      const { generation, kind, tag, step, epoch, wallTime, data, content } = record;
      const types = Object.entries(data ?? {}).map(([key, part]) => [key, ArrayBuffer.isView(part) ? part.constructor.name : typeof part]);
      const blob = await store.content(record);
      const bytes = blob && [...new Uint8Array(await blob.arrayBuffer())];
      return { generation, kind, tag, step, epoch, wallTime, data, types, content, blobType: blob?.type, bytes };
    }),
  );
  return { info: infoOf(run, withSource), tags: await store.tags(runId), summary: await store.summary(runId), points, records };
}

function infoOf({ facts = {}, resumes = [], source, ...rest }: RunInfo, withSource: boolean): unknown {
  return {
    ...rest,
    status: rest.status === 'running' ? 'interrupted' : rest.status,
    facts: Object.fromEntries(Object.entries(facts).filter(([key]) => !importFacts.has(key))),
    resumes: resumes.map(({ fromSeq: _fromSeq, ...resume }) => resume),
    ...(withSource ? { source } : {}),
  };
}
