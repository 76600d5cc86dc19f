import { describe, LogError } from '../core/errors.ts';
import type { ScalarChunk } from './metric-store.ts';

/** Throws `bad-data` when a chunk cannot be stored as it is: unequal columns, a tag index without a tag, a bad sequence number. */
export function checkChunk(chunk: ScalarChunk): void {
  const { runId, seq, tags, tag, step, epoch, wallTime, value } = chunk;
  const call = `append(run '${runId}', chunk ${seq})`;
  if (!Number.isSafeInteger(seq) || seq < 0) {
    throw new LogError('bad-data', `${call}: seq is ${describe(seq)}, need 0, 1, 2, … in the order of appending.`);
  }
  const points = value.length;
  if (tag.length !== points || step.length !== points || epoch.length !== points || wallTime.length !== points) {
    throw new LogError(
      'bad-data',
      `${call}: columns of unequal length (tag ${tag.length}, step ${step.length}, epoch ${epoch.length}, wallTime ${wallTime.length}, ` +
        `value ${points}). Give each point a row in every column.`,
    );
  }
  if (new Set(tags).size !== tags.length) throw new LogError('bad-data', `${call}: a tag is listed twice. List each tag once.`);
  for (const index of tag) {
    if (index >= tags.length) throw new LogError('bad-data', `${call}: a point has tag ${index}, but only ${tags.length} tags are listed.`);
  }
}
