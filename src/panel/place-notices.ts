import { onLanguage } from '../core/words.ts';
import { onObstacle } from '../store/obstacles.ts';
import { describePlace, type PlaceKey } from '../store/place.ts';
import { element } from './dom.ts';
import { sayOfPanel } from './words.ts';

// For all panels of the page: who has read it once knows.
const dismissed = new Set<PlaceKey>();

/** What the page lacks where it is, one quiet line each, which the reader can put away. */
export class PlaceNotices {
  readonly node: HTMLElement = element('div', 'places');

  /** Follows what is found until the signal is aborted. */
  constructor(signal: AbortSignal) {
    const show = (): void => this.#show();
    for (const undo of [onObstacle(show), onLanguage(show)]) signal.addEventListener('abort', undo);
    show();
  }

  #show(): void {
    const notes = describePlace().filter(({ key }) => !dismissed.has(key));
    this.node.hidden = notes.length === 0;
    this.node.replaceChildren(
      ...notes.map(({ key, text }) => {
        const line = element('p', '', text);
        const button = element('button', 'small', '\u00d7');
        button.type = 'button';
        button.ariaLabel = button.title = sayOfPanel('dismiss');
        button.addEventListener('click', () => {
          dismissed.add(key);
          this.#show();
        });
        line.append(button);
        return line;
      }),
    );
  }
}
