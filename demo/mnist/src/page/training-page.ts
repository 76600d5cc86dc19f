import { LogError } from 'tabtrain';
import type { BackendChoice, RunInfo, TrainEvents, TrainPhase, TrainProgress } from 'tabtrain';
import type { WorkerNews } from '../training/worker-news.ts';
import type { Controls } from './controls.ts';
import { type DigitGrid, GRID_DIGITS } from './digit-grid.ts';
import { backendName } from './format.ts';
import type { Notice, Notices } from '../../../shared/notices.ts';
import type { Reader } from './reader.ts';
import { deletedElsewhere, isDeleted, noticeFor, notLoaded, tellSame } from './sentences.ts';
import type { Settings } from './settings.ts';
import type { StatusStrip } from './status-strip.ts';
import type { Outcome, TrainingSession } from './training-session.ts';

/** The parts of the page that a training moves. */
export interface PageParts {
  readonly session: TrainingSession;
  readonly controls: Controls;
  readonly status: StatusStrip;
  readonly grid: DigitGrid;
  readonly reader: Reader;
  readonly notices: Notices;
}

/** Shortest time between two readings of the fifty digits: milliseconds. */
const READ_EVERY = 1000;
const title = document.title;

/** Ties one training to what the page shows: button, progress, digits, sentences. */
export class TrainingPage {
  readonly #parts: PageParts;
  #backend: string | undefined;
  /** The run of this tab, once it has been in the list. */
  #listed: string | undefined;
  #testDigits: number | undefined;
  #networkReason = '';
  #beside: unknown;
  #failure: unknown;
  #isStopping = false;
  #isReading = false;
  #isReadingDue = false;
  #readAgainAt = 0;

  constructor(parts: PageParts) {
    this.#parts = parts;
    this.#idle();
  }

  async train(settings: Settings): Promise<void> {
    const { session, status, grid, notices, controls } = this.#parts;
    if (session.isBusy) return;
    this.#isStopping = false;
    this.#testDigits = undefined;
    this.#beside = undefined;
    this.#failure = undefined;
    this.#backend = settings.backend === 'auto' ? undefined : settings.backend;
    for (const key of ['training', 'beside', 'delete']) notices.clear(key);
    status.reset();
    grid.clearReadings();
    this.#prepare();
    controls.show({ label: this.#preparing(), isBusy: true, canStop: true });
    try {
      const outcome = await session.train(settings);
      if (outcome !== undefined) this.#ended(outcome);
      await this.#readDigits(true);
    } catch (thrown) {
      status.setPhase('Failed');
      this.#failure = thrown;
      if (tellSame(this.#beside, thrown)) notices.clear('beside');
      notices.show(this.#noticeOf(thrown));
    } finally {
      status.setEnded();
      this.#idle();
    }
  }

  async stop(): Promise<void> {
    const { session, controls, status, notices } = this.#parts;
    if (!session.isBusy) return;
    this.#isStopping = true;
    controls.show({ label: 'Stopping…', isBusy: true, canStop: false });
    status.setPhase('Stopping…');
    await session.stop().catch((thrown: unknown) => notices.show(noticeFor('training', thrown)));
  }

  onNews(news: WorkerNews): void {
    const { status } = this.#parts;
    if (news.news === 'choice') {
      this.#networkReason = news.networkReason;
      if (news.backend !== undefined) this.#takeBackend(news.backend);
      this.#prepare();
    } else if (news.news === 'test') {
      this.#testDigits = news.count;
      this.#prepare();
    } else {
      status.setPart(news.part);
      if (!this.#isStopping) status.setPhase(`Fetching the digits… ${Math.floor(news.part * 100)} %`);
    }
  }

  onPhase(phase: TrainPhase, backend: BackendChoice | undefined): void {
    const { controls, status } = this.#parts;
    if (backend !== undefined) this.#takeBackend(backend);
    if (this.#isStopping) return;
    if (phase === 'preparing') this.#prepare();
    if (phase === 'training') {
      status.setPhase('Learning');
      controls.show({ label: 'Training…', isBusy: true, canStop: true });
    }
    if (phase === 'validating') status.setPhase('Taking the test');
  }

  onProgress(progress: TrainProgress): void {
    this.#parts.status.setProgress(progress);
    if (progress.totalSteps !== undefined) document.title = `${Math.floor((100 * progress.step) / progress.totalSteps)} % · ${title}`;
    // Not before the first step: reading would make that one wait.
    if (progress.step > 0) void this.#readDigits(false);
  }

  onEpoch({ metrics }: TrainEvents['epoch']): void {
    this.#parts.status.setAccuracy(metrics['val/metrics/accuracy/epoch'], this.#testDigits);
    void this.#readDigits(true);
  }

  /** Ends the training of a run that was deleted in another tab; one that is deleted here is stopped before. */
  onRuns(runs: readonly RunInfo[]): void {
    const { session, notices } = this.#parts;
    const { runId } = session;
    if (runId === undefined) return;
    if (runs.some(({ id }) => id === runId)) this.#listed = runId;
    else if (this.#listed === runId && !this.#isStopping) {
      notices.show(deletedElsewhere('beside'));
      void this.stop();
    }
  }

  onError(error: unknown): void {
    if (tellSame(this.#failure, error)) return;
    if (isDeleted(error)) {
      this.#parts.notices.show(deletedElsewhere('beside'));
      void this.stop();
      return;
    }
    this.#beside = error;
    this.#parts.notices.show(noticeFor('beside', error));
  }

  /**
   * Reads the fifty digits and the shown one anew, about once a second and at most a tenth of the time. What is due is read
   * in any case, after the reading that is going.
   */
  async #readDigits(isDue: boolean): Promise<void> {
    if (isDue) this.#isReadingDue = true;
    else if (performance.now() < this.#readAgainAt) return;
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      do {
        this.#isReadingDue = false;
        const start = performance.now();
        await this.#readOnce();
        const end = performance.now();
        this.#readAgainAt = Math.max(start + READ_EVERY, end + 9 * (end - start));
      } while (this.#isReadingDue);
    } finally {
      this.#isReading = false;
    }
  }

  async #readOnce(): Promise<void> {
    const { session, grid, reader } = this.#parts;
    const readings = await session.readTestDigits(GRID_DIGITS);
    if (readings !== undefined) grid.setReadings(readings);
    await reader.read();
  }

  #takeBackend(backend: BackendChoice): void {
    const { status } = this.#parts;
    this.#backend = backend.backend;
    status.setBackend(backend);
    status.setReason(`${this.#networkReason} ${backend.reason}`.trim());
  }

  #prepare(): void {
    if (this.#isStopping) return;
    this.#parts.status.setPhase(this.#preparing());
    this.#parts.controls.show({ label: this.#preparing(), isBusy: true, canStop: true });
  }

  #preparing(): string {
    return this.#backend === undefined ? 'Preparing…' : `Preparing ${backendName(this.#backend)}…`;
  }

  #noticeOf(thrown: unknown): Notice {
    if (isDeleted(thrown)) return deletedElsewhere('training');
    const isUnloaded = thrown instanceof LogError && thrown.code === 'worker-died' && !this.#parts.session.isLoaded;
    return isUnloaded ? notLoaded('training', thrown) : noticeFor('training', thrown);
  }

  #ended({ status: ending, step, epoch }: Outcome): void {
    const steps = `${step.toLocaleString('en')} ${step === 1 ? 'step' : 'steps'}`;
    const sentence = {
      finished: `Finished after ${epoch === 1 ? 'one epoch' : `${epoch} epochs`}`,
      stopped: `Stopped after ${steps}`,
      interrupted: `Ended after ${steps}`,
    }[ending];
    this.#parts.status.setPhase(sentence);
  }

  #idle(): void {
    document.title = title;
    this.#parts.controls.show({ label: 'Train', isBusy: false, canStop: false });
  }
}
