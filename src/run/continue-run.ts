import { describe, LogError } from '../core/errors.ts';
import type { RunInfo } from '../core/run-info.ts';
import { epochsFact } from '../core/run-name.ts';
import type { LastValue, MetricStore, RunChange } from '../store/metric-store.ts';

/** What of the options of `startRun` says which run is meant, and where it goes on. */
export interface ContinueOptions {
  readonly project?: string;
  readonly name?: string;
  readonly id?: string;
  readonly parent?: string;
  readonly resume?: string;
  readonly fromStep?: number;
  readonly store?: unknown;
}

/** A run that is there and can be logged into. */
export interface BegunRun {
  readonly info: RunInfo;
  /** The number of its next chunk. */
  readonly nextSeq: number;
  /** Step and epoch of what is logged next. */
  readonly from: { readonly step: number; readonly epoch: number };
}

/** Where a new run begins. */
export const newRun: Omit<BegunRun, 'info'> = { nextSeq: 0, from: { step: 0, epoch: 0 } };

/** Throws `bad-options` for what contradicts itself whatever run is continued. */
export function refuseBadResume({ resume, fromStep, id, store }: ContinueOptions): void {
  const call = resume === undefined ? 'startRun(' : `startRun({ resume: '${resume}' }`;
  if (fromStep !== undefined && !Number.isSafeInteger(fromStep)) {
    throw new LogError(
      'bad-options',
      `startRun({ fromStep: ${describe(fromStep)} }): need a whole number, or leave it out to go on behind the last one.`,
    );
  }
  if (resume === undefined && fromStep !== undefined) {
    throw new LogError(
      'bad-options',
      `startRun({ fromStep: ${fromStep} }): a new run has nothing to go on from. Say which run with resume: its id.`,
    );
  }
  if (resume === undefined) return;
  if (id !== undefined && id !== resume) {
    throw new LogError('bad-options', `${call} with id '${id}'): a run keeps its id when it is continued. Leave the id out.`);
  }
  if (store === false) {
    throw new LogError(
      'bad-options',
      `${call} with store: false): there is no run to continue without the store that holds it. Leave store out.`,
    );
  }
}

/**
 * Opens a stored run whose lock is held. Rejects with `run-not-found`, and with `bad-options` when project, name or parent are
 * said to be others than the run's.
 */
export async function continueRun(store: MetricStore, runId: string, options: ContinueOptions, about: RunChange): Promise<BegunRun> {
  const call = `startRun({ resume: '${runId}' })`;
  const { fromStep } = options;
  const stored = await store.run(runId);
  if (stored === undefined) {
    throw new LogError(
      'run-not-found',
      `${call}: no run with this id is in store '${store.name}'. See store.runs() for the runs there are.`,
    );
  }
  for (const key of ['project', 'name', 'parent'] as const) {
    const wanted = options[key];
    if (wanted === undefined || wanted === stored[key]) continue;
    throw new LogError(
      'bad-options',
      `${call}: ${key} is said to be '${wanted}', but it is ${describe(stored[key])}. Leave it out; a name can be changed with store.updateRun().`,
    );
  }
  // Looked up before its points are superseded.
  const epoch = fromStep === undefined ? undefined : await epochAt(store, runId, fromStep);
  if (epoch !== undefined) about = { ...about, facts: { ...about.facts, [epochsFact]: epoch } };
  const { info, nextSeq } = await store.resumeRun(runId, { at: Date.now() / 1000, ...(fromStep === undefined ? {} : { fromStep }) });
  const isChanged = Object.keys(about).length > 1 || Object.keys(about.config ?? {}).length > 0;
  const end = endOf(await store.lastValues(runId), info.facts?.[epochsFact]);
  return {
    info: isChanged ? await store.updateRun(runId, about) : info,
    nextSeq,
    from: { step: fromStep ?? end.step + 1, epoch: epoch ?? end.epoch },
  };
}

/** The epoch to which a step belonged; undefined when the run never came that far. */
async function epochAt(store: MetricStore, runId: string, step: number): Promise<number | undefined> {
  const furthest = (await store.lastValues(runId)).reduce<LastValue | undefined>(
    (best, value) => (value.step >= (best?.step ?? step) ? value : best),
    undefined,
  );
  if (furthest === undefined) return undefined;
  return (await store.series(runId, furthest.tag, { from: step, maxPoints: 1 })).epoch[0];
}

/** The last step, and the epoch that comes behind it: the next one where an epoch's own value lies at that step, or it was noted as ended. */
function endOf(values: readonly LastValue[], epochs: unknown): { readonly step: number; readonly epoch: number } {
  const step = Math.floor(values.reduce((last, value) => (Number.isFinite(value.step) ? Math.max(last, value.step) : last), -1));
  const epoch = values.reduce((last, value) => Math.max(last, value.epoch), 0);
  const isOver =
    epochs === epoch + 1 || values.some((value) => value.tag.endsWith('/epoch') && value.epoch === epoch && value.step >= step);
  return { step, epoch: isOver ? epoch + 1 : epoch };
}
