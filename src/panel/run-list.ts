import type { RunInfo } from '../core/run-info.ts';
import { element, nameText, setText, worded, wordedElement } from './dom.ts';
import { formatCount, formatTime } from './number-format.ts';
import { Usage } from './usage.ts';
import { sayOfPanel } from './words.ts';

// From this many runs on there is a field to find one.
const runsWithFilter = 9;

/** What a list needs to know about one run. */
export interface ListedRun {
  readonly info: RunInfo;
  /** A colour for the canvas and the list alike. */
  readonly color: string;
}

/** What a reader does with the list. */
export interface RunListListener {
  /** Runs were switched on or off. */
  onVisibility(): void;
  /** The pointer or the focus is on this run, or on none. */
  onEmphasis(runId: string | undefined): void;
}

interface Row {
  readonly node: HTMLLabelElement;
  readonly box: HTMLInputElement;
  readonly name: HTMLElement;
  readonly status: HTMLElement;
}

/** The runs with their colours, names and states; each can be switched off. It is the legend of all cards. */
export class RunList {
  readonly node: HTMLElement = element('section', 'runs');
  /** How full the store is. */
  readonly usage: Usage = new Usage();
  readonly #listener: RunListListener;
  readonly #rows = new Map<string, Row>();
  readonly #hidden = new Set<string>();
  readonly #list: HTMLElement = element('div', 'list');
  readonly #count: HTMLElement = element('span', 'count');
  readonly #filter: HTMLInputElement = element('input', 'filter');
  readonly #tools: HTMLElement = element('div', 'tools');

  constructor(listener: RunListListener) {
    this.#listener = listener;
    worded(this.node, (node) => (node.ariaLabel = sayOfPanel('runs')));
    this.#list.role = 'group';
    worded(this.#list, (list) => (list.ariaLabel = sayOfPanel('runs-shown')));
    this.#filter.type = 'search';
    worded(this.#filter, (filter) => {
      filter.placeholder = sayOfPanel('filter-runs');
      filter.ariaLabel = sayOfPanel('filter-runs-label');
    });
    this.#filter.addEventListener('input', () => this.#applyFilter());
    const [all, none] = (['all', 'none'] as const).map((which) =>
      worded(element('button', 'small'), (button) => {
        button.type = 'button';
        setText(button, sayOfPanel(`show-${which}`));
        button.ariaLabel = sayOfPanel(`show-${which}-label`);
      }),
    ) as [HTMLButtonElement, HTMLButtonElement]; // of two
    all.addEventListener('click', () => this.#setAll(true));
    none.addEventListener('click', () => this.#setAll(false));
    this.#tools.append(this.#filter, all, none);
    const header = element('header');
    const title = element('h2');
    title.append(
      wordedElement('span', '', () => sayOfPanel('runs')),
      this.#count,
    );
    header.append(title, this.usage.node, this.#tools);
    this.node.append(header, this.#list);
    this.#list.addEventListener('pointerleave', () => listener.onEmphasis(undefined));
  }

  isVisible(runId: string): boolean {
    return !this.#hidden.has(runId);
  }

  /** Shows these runs, newest first; rows that stay are kept, so that focus and scroll position are, too. */
  update(runs: readonly ListedRun[], showProject: boolean): void {
    const ids = new Set(runs.map(({ info }) => info.id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.node.remove();
      this.#rows.delete(id);
      this.#hidden.delete(id);
    }
    let before: Element | null = this.#list.firstElementChild;
    for (const run of runs.toReversed()) {
      const row = this.#rows.get(run.info.id) ?? this.#add(run.info.id);
      fill(row, run, showProject);
      if (row.node === before) before = before.nextElementSibling;
      else this.#list.insertBefore(row.node, before);
    }
    setText(this.#count, formatCount(runs.length));
    this.#tools.hidden = runs.length < 2;
    this.#filter.hidden = runs.length < runsWithFilter && this.#filter.value === '';
    this.node.hidden = runs.length === 0;
    this.#applyFilter();
  }

  #add(runId: string): Row {
    const node = element('label', 'run');
    const box = element('input');
    box.type = 'checkbox';
    box.checked = true;
    box.addEventListener('change', () => {
      this.#set(runId, box.checked);
      this.#listener.onVisibility();
    });
    const emphasize = (): void => this.#listener.onEmphasis(box.checked && this.#rows.size > 1 ? runId : undefined);
    node.addEventListener('pointerenter', (event) => {
      // A finger has no hover: it would leave the run standing out.
      if (event.pointerType === 'mouse') emphasize();
    });
    const name = element('span', 'name');
    const status = element('span', 'status');
    node.append(box, name, status);
    const row = { node, box, name, status };
    this.#rows.set(runId, row);
    return row;
  }

  #set(runId: string, isShown: boolean): void {
    if (isShown) this.#hidden.delete(runId);
    else this.#hidden.add(runId);
  }

  #setAll(isShown: boolean): void {
    for (const [id, row] of this.#rows) {
      if (row.node.hidden) continue;
      row.box.checked = isShown;
      this.#set(id, isShown);
    }
    this.#listener.onVisibility();
  }

  #applyFilter(): void {
    const wanted = this.#filter.value.trim().toLowerCase();
    for (const row of this.#rows.values()) row.node.hidden = !(row.name.textContent ?? '').toLowerCase().includes(wanted);
  }
}

function fill(row: Row, { info, color }: ListedRun, showProject: boolean): void {
  const name = showProject ? `${info.project}/${info.name}` : info.name;
  if (row.name.textContent !== name) row.name.replaceChildren(nameText(name));
  const status = sayOfPanel(info.status);
  setText(row.status, status);
  row.status.dataset['status'] = info.status;
  row.node.style.setProperty('--run', color);
  const time = formatTime(info.startedAt, { dateStyle: 'medium', timeStyle: 'medium' });
  const details = [name, time === '' ? sayOfPanel('started-unknown', { status }) : sayOfPanel('started', { status, time })];
  if (info.failure) details.push(info.failure);
  row.node.title = details.join('\n');
}
