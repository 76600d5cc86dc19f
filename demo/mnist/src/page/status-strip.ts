import type { BackendChoice, TrainProgress } from 'tabtrain';
import { byId, setText } from '../../../shared/dom.ts';
import { backendName, duration, percent, rate } from './format.ts';

/** The card that says how far the training is. */
export class StatusStrip {
  readonly #phase: HTMLElement = byId('phase', HTMLElement);
  readonly #bar: HTMLElement = byId('progress-bar', HTMLElement);
  readonly #progress: HTMLElement = byId('progress', HTMLElement);
  readonly #accuracy: HTMLElement = byId('accuracy', HTMLElement);
  readonly #accuracyName: HTMLElement = byId('accuracy-name', HTMLElement);
  readonly #step: HTMLElement = byId('fact-step', HTMLElement);
  readonly #epoch: HTMLElement = byId('fact-epoch', HTMLElement);
  readonly #eta: HTMLElement = byId('fact-eta', HTMLElement);
  readonly #rate: HTMLElement = byId('fact-rate', HTMLElement);
  readonly #backend: HTMLElement = byId('fact-backend', HTMLElement);
  readonly #whyText: HTMLElement = byId('why-text', HTMLElement);

  setPhase(text: string): void {
    setText(this.#phase, text);
  }

  setProgress(progress: TrainProgress): void {
    const { step, totalSteps, epoch, maxEpochs, stepsPerSecond, secondsLeft } = progress;
    setText(
      this.#step,
      totalSteps === undefined ? step.toLocaleString('en') : `${step.toLocaleString('en')} / ${totalSteps.toLocaleString('en')}`,
    );
    setText(this.#epoch, `${Math.min(epoch + 1, maxEpochs)} / ${maxEpochs}`);
    setText(this.#eta, secondsLeft === undefined ? '–' : duration(secondsLeft));
    setText(this.#rate, rate(stepsPerSecond));
    if (totalSteps !== undefined && totalSteps > 0) this.setPart(step / totalSteps);
  }

  /** The bar alone, 0 to 1. */
  setPart(part: number): void {
    const whole = Math.round(Math.min(1, Math.max(0, part)) * 1000) / 10;
    this.#bar.style.transform = `translateX(${whole - 100}%)`;
    this.#progress.ariaValueNow = String(Math.round(whole));
  }

  setBackend(choice: BackendChoice): void {
    setText(this.#backend, choice.isSoftware ? `${backendName(choice.backend)} (software)` : backendName(choice.backend));
    this.#backend.title = choice.reason;
  }

  setReason(text: string): void {
    setText(this.#whyText, text);
  }

  /** `count` = test digits it was measured on. */
  setAccuracy(accuracy: number | undefined, count: number | undefined): void {
    setText(this.#accuracy, percent(accuracy));
    setText(this.#accuracyName, count === undefined ? 'test accuracy' : `of ${count.toLocaleString('en')} test digits`);
    this.#accuracyName.title =
      count === undefined || count >= 10_000
        ? ''
        : 'With fewer than 10,000 training digits, the test takes every tenth of the 10,000 test digits.';
  }

  /** Nothing trains any more: no time is left. What was reached stays. */
  setEnded(): void {
    setText(this.#eta, '–');
  }

  /** Back to dashes, for a new run. */
  reset(): void {
    for (const fact of [this.#step, this.#epoch, this.#eta, this.#rate, this.#backend]) setText(fact, '–');
    this.setAccuracy(undefined, undefined);
    this.setPart(0);
  }
}
