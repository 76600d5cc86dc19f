import { describe, LogError } from '../core/errors.ts';
import { newRunId } from '../core/run-id.ts';
import { packChunk } from './pack.ts';
import { changedRunRecord, defaultProject, isSound, newRunRecord, resumedRunRecord, type RunRecord, unsoundError } from './run-record.ts';
import type { NewRun, ResumeOptions, RunChange, RunFilter } from './run-types.ts';
import { keysUnder, type Reading, type StoreBackend, type Writing } from './store-backend.ts';
import type { StoreContext } from './store-context.ts';
import { existsError, notFoundError } from './store-error.ts';

const none = new Float64Array(0);

/** The records of runs: made, changed, deleted, restored, continued. Each call is one transaction. */
export class RunCatalog {
  readonly #backend: StoreBackend;
  readonly #onDamage: StoreContext['onDamage'];

  constructor({ backend, onDamage }: Pick<StoreContext, 'backend' | 'onDamage'>) {
    this.#backend = backend;
    this.#onDamage = onDamage;
  }

  /** In no particular order. */
  async list(filter: RunFilter): Promise<readonly RunRecord[]> {
    const { project, parent, archived = false } = filter;
    const records = await this.#backend.read(['runs'], (tx) => (project === undefined ? tx.getAll('runs') : tx.runsOfProject(project)));
    return records.filter(
      (record) =>
        this.#isReadable(record) &&
        (parent === undefined || record.parent === parent) &&
        (archived === 'all' || archived === (record.isArchived ?? false)),
    );
  }

  /** Those whose record says `running`. */
  async running(): Promise<readonly RunRecord[]> {
    const records = await this.#backend.read(['runs'], (tx) => tx.runsOfStatus('running'));
    return records.filter((record) => this.#isReadable(record));
  }

  async get(runId: string): Promise<RunRecord | undefined> {
    const record = await this.#backend.read(['runs'], (tx) => tx.get('runs', runId));
    return record !== undefined && this.#isReadable(record) ? record : undefined;
  }

  /** Undefined when the id belongs to a deleted run, which has to be purged first. */
  create(run: NewRun): Promise<RunRecord | undefined> {
    const runId = run.id ?? newRunId();
    // Looked up and written in one transaction, so that two tabs never choose the same name.
    return this.#backend.write(['runs'], async (tx) => {
      const [taken, order, others] = await Promise.all([
        tx.get('runs', runId),
        tx.lastRunOrder(),
        tx.runsOfProject(run.project ?? defaultProject),
      ]);
      if (taken?.deletedAt !== undefined) return undefined;
      if (taken !== undefined) throw existsError(runId);
      const record = { ...newRunRecord(run, runId, order + 1, others), stamp: newRunId() };
      await tx.add('runs', record);
      return record;
    });
  }

  /** A run that was deleted and not yet purged is changed all the same: its writer may be ending it. */
  change(runId: string, change: RunChange): Promise<RunRecord> {
    const durability = change.status === undefined ? 'relaxed' : 'strict';
    return this.#change(`updateRun('${runId}')`, runId, { durability }, async (record, tx) => {
      const siblings = change.name === undefined ? [] : await tx.runsOfProject(record.project);
      const others = siblings.filter((other) => other.id !== runId);
      return changedRunRecord(record, change, others);
    });
  }

  /** False when there was nothing to delete. With `isPurging` it cannot be restored. */
  markDeleted(runId: string, now: number, isPurging = false): Promise<boolean> {
    return this.#backend.write(['runs'], async (tx) => {
      const record = await tx.get('runs', runId);
      if (record === undefined || !isVisible(record)) return false;
      await tx.put('runs', { ...record, deletedAt: now, ...(isPurging ? { isPurging } : {}) });
      return true;
    });
  }

  restore(runId: string): Promise<RunRecord> {
    return this.#change(`restoreRun('${runId}')`, runId, {}, async ({ deletedAt: _deletedAt, ...record }) => record);
  }

  async resume(runId: string, options: ResumeOptions): Promise<{ readonly record: RunRecord; readonly nextSeq: number }> {
    const call = `resumeRun('${runId}')`;
    const { fromStep, at } = options;
    if (fromStep !== undefined && !Number.isFinite(fromStep)) {
      throw new LogError('bad-options', `${call}: fromStep is ${describe(fromStep)}, need a step, or leave it out to supersede nothing.`);
    }
    return this.#backend.write(['runs', 'journal'], async (tx) => {
      const record = await tx.get('runs', runId);
      if (record === undefined || !isVisible(record)) throw notFoundError(call, runId);
      if (!isSound(record)) throw unsoundError(runId);
      const seq = (await lastSeqOf(tx, record)) + 1;
      const resumed = resumedRunRecord(record, seq, at, fromStep);
      // The number that a writer before, frozen and held for dead, would write to next is taken by an empty chunk.
      await Promise.all([tx.put('runs', resumed), tx.add('journal', { runId, seq, points: 0, bytes: emptyChunk() })]);
      return { record: resumed, nextSeq: seq + 1 };
    });
  }

  bringBack(runId: string, generation: number | undefined): Promise<RunRecord> {
    const call = `bringBack('${runId}'${generation === undefined ? '' : `, ${generation}`})`;
    return this.#change(call, runId, { isShown: true }, async (record) => {
      const resumes = record.resumes ?? [];
      const hiding = resumes.filter((resume) => resume.fromStep !== undefined && resume.isBroughtBack !== true);
      const wanted = generation ?? hiding.at(-1)?.generation;
      if (wanted === undefined || !resumes.some((resume) => resume.generation === wanted && resume.fromStep !== undefined)) {
        const found = resumes.length === 0 ? 'this run was never continued' : `those that supersede points are ${list(hiding)}`;
        throw new LogError('bad-options', `${call}: there is no such continuation that superseded points; ${found}.`);
      }
      return {
        ...record,
        resumes: resumes.map((resume) => (resume.generation === wanted ? { ...resume, isBroughtBack: true } : resume)),
      };
    });
  }

  #isReadable(record: RunRecord): boolean {
    if (!isVisible(record)) return false;
    if (isSound(record)) return true;
    this.#onDamage(unsoundError(record.id), `run '${record.id}'`);
    return false;
  }

  async #change(
    call: string,
    runId: string,
    options: { readonly durability?: 'relaxed' | 'strict'; readonly isShown?: boolean },
    change: (record: RunRecord, tx: Writing) => Promise<RunRecord>,
  ): Promise<RunRecord> {
    return this.#backend.write(
      ['runs'],
      async (tx) => {
        const record = await tx.get('runs', runId);
        if (record !== undefined && !isSound(record)) throw unsoundError(runId);
        if (record === undefined || record.isPurging === true || (options.isShown === true && !isVisible(record))) {
          throw notFoundError(call, runId);
        }
        const changed = await change(record, tx);
        await tx.put('runs', changed);
        return changed;
      },
      options,
    );
  }
}

/** The last chunk of a run, compacted or not; -1 when it has none. Needs a transaction over `journal`. */
export async function lastSeqOf(tx: Reading, record: RunRecord): Promise<number> {
  const key = await tx.lastKey('journal', keysUnder(record.id));
  // The second part of a journal key is a number, says the schema.
  const inJournal = key === undefined ? -1 : (key[1] as unknown as number);
  return Math.max(record.compactedTo ?? -1, inJournal);
}

function emptyChunk(): ArrayBuffer {
  return packChunk({ tag: [], step: none, epoch: none, wallTime: none, value: none }, []);
}

function isVisible(record: RunRecord): boolean {
  return record.deletedAt === undefined && record.isPurging !== true;
}

function list(resumes: readonly { readonly generation: number }[]): string {
  return resumes.map(({ generation }) => generation).join(', ') || 'none';
}
