import { make } from './dom.ts';

/** A sentence the person should read: what happened and what to do. */
export interface Notice {
  /** Showing the same key again replaces the text. */
  readonly key: string;
  readonly level: 'error' | 'info';
  readonly title: string;
  readonly text: string;
  /** What a developer would want to know, behind a fold. */
  readonly detail?: string;
  /** A button for the next move; pressing it closes the notice. */
  readonly action?: { readonly label: string; run(): void };
}

/** The words of a notice itself. */
export interface NoticeLabels {
  readonly details: string;
  readonly close: string;
}

/** Shows sentences in sight until they are closed or no longer true. */
export class Notices {
  readonly #host: HTMLElement;
  readonly #labels: NoticeLabels;
  readonly #shown = new Map<string, HTMLElement>();

  constructor(host: HTMLElement, labels: NoticeLabels = { details: 'Details', close: 'Close this message' }) {
    this.#host = host;
    this.#labels = labels;
  }

  show({ key, level, title, text, detail, action }: Notice): void {
    // Two of the same title would tell one thing twice.
    for (const [other, { dataset }] of this.#shown) if (other === key || dataset['title'] === title) this.clear(other);
    const details = detail === undefined ? [] : [make('details', {}, make('summary', {}, this.#labels.details), detail)];
    const buttons = make('div', { class: 'notice-buttons' });
    if (action !== undefined) {
      const button = make('button', { type: 'button', class: 'notice-action' }, action.label);
      button.addEventListener('click', () => {
        this.clear(key);
        action.run();
      });
      buttons.append(button);
    }
    const close = make('button', { type: 'button', 'aria-label': this.#labels.close }, '✕');
    const box = make(
      'div',
      { class: 'notice', 'data-level': level, 'data-key': key, 'data-title': title },
      make('div', {}, make('strong', {}, title), make('span', {}, text), ...details),
      buttons,
    );
    buttons.append(close);
    close.addEventListener('click', () => this.clear(key));
    this.#shown.set(key, box);
    this.#host.append(box);
  }

  clear(key: string): void {
    this.#shown.get(key)?.remove();
    this.#shown.delete(key);
  }
}
