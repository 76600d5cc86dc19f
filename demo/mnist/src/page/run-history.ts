import type { MetricStore, RunInfo } from 'tabtrain';
import { byId, make, setText } from '../../../shared/dom.ts';
import { backendName, percent, when } from './format.ts';
import { readable } from './settings.ts';

/** What the history asks of the page. */
export interface HistoryActions {
  /** True when this tab trains the run. */
  isTrainedHere(run: RunInfo): boolean;
  /** Deletes a run; it can be had back for a while. */
  onDelete(run: RunInfo): Promise<void>;
  /** The runs there are now. */
  onRuns(runs: readonly RunInfo[]): void;
}

/** The list of all runs of this browser, kept in step with the store. */
export class RunHistory {
  readonly #store: MetricStore;
  readonly #project: string;
  readonly #actions: HistoryActions;
  readonly #host: HTMLElement = byId('runs', HTMLElement);
  readonly #scope: HTMLElement = byId('export-scope', HTMLElement);
  readonly #exports: readonly HTMLButtonElement[] = [byId('export-tensorboard', HTMLButtonElement), byId('export-csv', HTMLButtonElement)];
  readonly #selected = new Set<string>();
  #runs: readonly RunInfo[] = [];
  #accuracies = new Map<string, number>();
  #isRefreshing = false;
  #isStale = false;

  constructor(store: MetricStore, project: string, actions: HistoryActions) {
    this.#store = store;
    this.#project = project;
    this.#actions = actions;
    store.watchRuns(() => void this.refresh());
  }

  /** The ticked runs, or all when none is ticked; oldest first. */
  get exportIds(): readonly string[] {
    const ticked = this.#runs.filter((run) => this.#selected.has(run.id));
    return (ticked.length > 0 ? ticked : this.#runs).map((run) => run.id);
  }

  /** Reads the runs anew. Calls during a reading are answered by one more reading. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        this.#runs = await this.#store.runs({ project: this.#project });
        this.#actions.onRuns(this.#runs);
        this.#accuracies = await this.#readAccuracies();
        this.#draw();
      }
    } finally {
      this.#isRefreshing = false;
    }
  }

  async #readAccuracies(): Promise<Map<string, number>> {
    const accuracies = new Map<string, number>();
    await Promise.all(
      this.#runs.map(async ({ id }) => {
        // Deleted in another tab while it was read here: the next refresh takes it off the list.
        const values = await this.#store.lastValues(id).catch(() => []);
        const accuracy = values.find(({ tag }) => tag === 'val/metrics/accuracy/epoch');
        if (accuracy !== undefined) accuracies.set(id, accuracy.value);
      }),
    );
    return accuracies;
  }

  #draw(): void {
    const focused = document.activeElement?.id;
    for (const id of this.#selected) if (!this.#runs.some((run) => run.id === id)) this.#selected.delete(id);
    if (this.#runs.length === 0) {
      this.#host.replaceChildren(
        make('p', { class: 'empty' }, 'No runs yet. Each one you train is kept here, also when you close the tab.'),
      );
    } else {
      const head = make(
        'tr',
        {},
        ...['', 'Run', 'Status', 'Test accuracy', 'Network', 'Digits', 'Epochs', 'Batch', 'Rate', 'Started', ''].map(headCell),
      );
      const rows = this.#runs.toReversed().map((run) => this.#row(run));
      this.#host.replaceChildren(make('table', { class: 'runs' }, make('thead', {}, head), make('tbody', {}, ...rows)));
    }
    if (focused) document.getElementById(focused)?.focus();
    this.#drawScope();
  }

  #row(run: RunInfo): HTMLTableRowElement {
    const { config } = run;
    const tick = make('input', { type: 'checkbox', id: `tick-${run.id}`, 'aria-label': `Choose ${run.name} for export` });
    tick.checked = this.#selected.has(run.id);
    tick.addEventListener('change', () => {
      if (tick.checked) this.#selected.add(run.id);
      else this.#selected.delete(run.id);
      this.#drawScope();
    });
    const remove = make('button', { type: 'button', class: 'quiet', id: `delete-${run.id}`, 'aria-label': `Delete ${run.name}` }, 'Delete');
    remove.addEventListener('click', () => void this.#delete(run));
    const status = make('span', { class: 'run-status', 'data-status': run.status }, run.status);
    if (run.failure !== undefined) status.title = run.failure;
    if (run.status === 'interrupted') status.title = 'The tab was closed or the worker ended while it trained. What was logged is here.';
    const cells = [
      make('td', { class: 'runs-check' }, tick),
      make('td', { class: 'runs-name' }, run.name),
      make('td', { 'data-label': 'Status' }, status),
      cell('Test accuracy', percent(this.#accuracies.get(run.id))),
      make('td', { 'data-label': 'Network' }, networkOf(run)),
      cell('Digits', numberOf(config['digits'])),
      cell('Epochs', numberOf(config['epochs'])),
      cell('Batch', numberOf(config['batchSize'])),
      cell('Rate', numberOf(config['lr'])),
      make('td', { 'data-label': 'Started' }, when(run.startedAt, new Date())),
      make('td', {}, remove),
    ];
    return make('tr', { 'data-run': run.id }, ...cells);
  }

  #drawScope(): void {
    const count = this.#selected.size;
    const text = count === 0 ? 'Export all runs:' : count === 1 ? 'Export the chosen run:' : `Export ${count} chosen runs:`;
    setText(this.#scope, text);
    for (const button of this.#exports) button.disabled = this.#runs.length === 0;
  }

  async #delete(run: RunInfo): Promise<void> {
    // Deleting can be undone, stopping cannot.
    if (run.status === 'running' && !(await this.#mayStop(run))) return focus(`delete-${run.id}`);
    const place = this.#runs.findIndex(({ id }) => id === run.id);
    const neighbour = this.#runs[place - 1] ?? this.#runs[place + 1];
    focus(neighbour === undefined ? 'history-title' : `delete-${neighbour.id}`);
    await this.#actions.onDelete(run);
  }

  async #mayStop(run: RunInfo): Promise<boolean> {
    const dialog = byId('confirm', HTMLDialogElement);
    byId('confirm-title', HTMLElement).textContent = `Delete ${run.name}?`;
    byId('confirm-text', HTMLElement).textContent =
      `It is still training${this.#actions.isTrainedHere(run) ? '' : ' in another tab'}, and will be stopped.`;
    dialog.returnValue = 'keep';
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
    // The list may have been drawn anew meanwhile, without the button that the browser would give the focus back to.
    return dialog.returnValue === 'delete';
  }
}

function focus(id: string): void {
  document.getElementById(id)?.focus();
}

function headCell(text: string): HTMLElement {
  return text === '' ? make('td') : make('th', { scope: 'col' }, text);
}

function cell(label: string, text: string): HTMLTableCellElement {
  return make('td', { class: 'number', 'data-label': label }, text);
}

function numberOf(value: unknown): string {
  return typeof value === 'number' ? readable(value) : '–';
}

/** `MLP · WebAssembly`, as far as the run knows. */
function networkOf(run: RunInfo): string {
  const network = run.config['network'];
  const backend = run.facts?.['backend'];
  const software = run.facts?.['backend.software'] === true ? ' (software)' : '';
  const parts = [
    typeof network === 'string' ? network.toUpperCase() : undefined,
    typeof backend === 'string' ? backendName(backend) + software : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ') || '–';
}
