import type { ProgressSource } from '../core/progress-source.ts';
import type { PanelTheme } from './options.ts';
import { ProgressBar, type ProgressOptions } from './progress-bar.ts';

/**
 * Registers `<training-progress hide="v_num" refresh-rate="1" leave page-title theme="auto">`; nothing is registered before it is called.
 * Attributes are the options of `showProgress`, with several names to hide set apart by spaces; the property `trainer` takes a `Trainer` or
 * what `connectTrainer` gives, and `getMetrics` a function. Calling it again does nothing.
 */
export function defineTrainingProgress(name = 'training-progress'): void {
  if (customElements.get(name)) return;
  // Made here and not in the module: where there is no DOM (a worker, a server) the module must still load.
  class TrainingProgressElement extends HTMLElement {
    static readonly observedAttributes: readonly string[] = ['hide', 'refresh-rate', 'leave', 'page-title', 'theme'];
    #bar: ProgressBar | undefined;
    #trainer: ProgressSource | undefined;
    #getMetrics: ProgressOptions['getMetrics'];

    /** The bar while the element is in a page and has a trainer. */
    get bar(): ProgressBar | undefined {
      return this.#bar;
    }

    get trainer(): ProgressSource | undefined {
      return this.#trainer;
    }

    set trainer(trainer: ProgressSource | undefined) {
      this.#trainer = trainer;
      this.#restart();
    }

    get getMetrics(): ProgressOptions['getMetrics'] {
      return this.#getMetrics;
    }

    set getMetrics(getMetrics: ProgressOptions['getMetrics']) {
      this.#getMetrics = getMetrics;
      this.#restart();
    }

    connectedCallback(): void {
      // Custom elements are inline unless told otherwise.
      if (this.style.display === '') this.style.display = 'block';
      this.#restart();
    }

    disconnectedCallback(): void {
      this.#restart();
    }

    attributeChangedCallback(): void {
      this.#restart();
    }

    #restart(): void {
      this.#bar?.destroy();
      this.#bar = this.isConnected && this.#trainer !== undefined ? new ProgressBar(this, this.#trainer, this.#options()) : undefined;
    }

    #options(): ProgressOptions {
      const rate = this.getAttribute('refresh-rate');
      // What the attribute says is checked by the bar; a wrong word is its error, not ours.
      const theme = this.getAttribute('theme') as PanelTheme | null;
      return {
        hide: (this.getAttribute('hide') ?? '').split(/\s+/),
        leave: this.hasAttribute('leave'),
        title: this.hasAttribute('page-title'),
        ...(rate === null ? {} : { refreshRate: Number(rate) }),
        ...(theme === null ? {} : { theme }),
        ...(this.#getMetrics === undefined ? {} : { getMetrics: this.#getMetrics }),
      };
    }
  }
  customElements.define(name, TrainingProgressElement);
}
