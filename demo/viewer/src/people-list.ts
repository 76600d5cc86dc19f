import { byId, make } from '../../shared/dom.ts';
import type { Person } from './people.ts';
import { say } from './words.ts';

/** What the list asks of the page. */
export interface PeopleActions {
  onRename(person: Person, name: string): void;
  onDelete(person: Person): void;
}

/** One row for each person: a name that can be changed, the number of runs, a button that deletes them. */
export class PeopleList {
  readonly #host: HTMLElement = byId('people', HTMLElement);
  readonly #actions: PeopleActions;

  constructor(actions: PeopleActions) {
    this.#actions = actions;
  }

  show(people: readonly Person[]): void {
    // A row that somebody is typing in stays what it is; when it is left, the list is drawn anew.
    const typing = document.activeElement instanceof HTMLInputElement && this.#host.contains(document.activeElement);
    if (typing) return;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['focus'] : undefined;
    const head = make('tr', {}, make('th', { scope: 'col' }, say('person')), make('th', { scope: 'col' }, say('runs')), make('td'));
    const body = make('tbody', {}, ...people.map((person) => this.#row(person)));
    this.#host.replaceChildren(make('table', {}, make('thead', {}, head), body));
    if (focused !== undefined)
      [...this.#host.querySelectorAll<HTMLElement>('[data-focus]')].find((one) => one.dataset['focus'] === focused)?.focus();
  }

  #row(person: Person): HTMLTableRowElement {
    const { name, runs } = person;
    const input = make('input', {
      type: 'text',
      'aria-label': say('person-name', { person: name }),
      spellcheck: 'false',
      autocomplete: 'off',
    });
    input.value = name;
    input.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') input.value = name;
      if (key === 'Enter' || key === 'Escape') input.blur();
    });
    input.addEventListener('blur', () => {
      const newName = input.value.trim();
      // After the blur, so that the list may be drawn anew.
      queueMicrotask(() => this.#actions.onRename(person, newName === '' ? name : newName));
    });
    const remove = make(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': say('delete-person', { person: name }), 'data-focus': `delete ${name}` },
      say('delete'),
    );
    remove.addEventListener('click', () => this.#actions.onDelete(person));
    return make(
      'tr',
      { 'data-person': name },
      make('td', {}, input),
      make('td', { class: 'number' }, say('run-number', { count: runs.length })),
      make('td', {}, remove),
    );
  }
}
