import type { RunInfo } from '../core/run-info.ts';

/**
 * For a chunk's number, the step from which on points of that chunk are superseded by a later continuation of the run;
 * Infinity: none is. What was brought back supersedes nothing.
 */
export function cutoffsOf(run: Pick<RunInfo, 'resumes'>): (seq: number) => number {
  const { resumes = [] } = run;
  const superseding = resumes.filter((resume) => resume.fromStep !== undefined && resume.isBroughtBack !== true);
  return (seq) => {
    let cutoff = Infinity;
    for (const { fromSeq, fromStep = Infinity } of superseding) if (seq < fromSeq) cutoff = Math.min(cutoff, fromStep);
    return cutoff;
  };
}
