import { clearDevice, type MetricStore, openStore, setLanguage } from 'tabtrain';
import { archive, csv, download, type ExportFile, tfevents } from 'tabtrain/export';
import { german } from 'tabtrain/languages/de';
import { type MetricsPanel, showPanel } from 'tabtrain/panel';
import { byId, make, setText } from '../../shared/dom.ts';
import { Notices } from '../../shared/notices.ts';
import { type Handed, handedIn, namePeople, type Taken, takeIn } from './intake.ts';
import { PeopleList } from './people-list.ts';
import { type Person, readPeople, renamePerson } from './people.ts';
import { locale, say, translatePage } from './words.ts';

// Its own store: the pages on which people train have others, also where all lie under one address.
const storeName = 'tabtrain-viewer';
// The store keeps a deleted run for as long: milliseconds.
const undoFor = 10_000;

translatePage();
const otherLanguage = byId('other-language', HTMLAnchorElement);
if (locale === 'de') {
  setLanguage(german);
  Object.assign(otherLanguage, { href: '?lang=en', hreflang: 'en', lang: 'en', textContent: 'English' });
}

const notices = new Notices(byId('notices', HTMLElement), { details: say('details'), close: say('close') });
const list = new PeopleList({ onRename: (person, name) => void rename(person, name), onDelete: (person) => void remove(person) });
// What is handed in before the store is there waits for it.
let isReading = true;
let reading = Promise.resolve();
const waiting: Handed[] = [];

const files = byId('files', HTMLInputElement);
byId('choose', HTMLElement).addEventListener('click', () => files.click());
files.addEventListener('change', () => {
  void take(namePeople([...(files.files ?? [])].map((file) => ({ file, folder: undefined }))));
  files.value = '';
});

// The whole page takes files, so that nobody has to aim.
const target = byId('drop', HTMLElement);
const invitation = target.querySelector('.target-text span')!;
const showDrag = (isOver: boolean): void => {
  target.toggleAttribute('data-over', isOver);
  setText(invitation, say(isOver ? 'drop-now' : 'drop'));
};
addEventListener('dragover', (event) => {
  event.preventDefault();
  showDrag(true);
});
addEventListener('dragleave', ({ relatedTarget }) => {
  if (relatedTarget === null) showDrag(false);
});
addEventListener('drop', (event) => {
  event.preventDefault();
  showDrag(false);
  if (event.dataTransfer !== null) handedIn(event.dataTransfer).then(take).catch(tellFailure);
});

let panel: MetricsPanel | undefined;
let people: readonly Person[] = [];
let store: MetricStore = await open();
await refresh();
isReading = false;
if (waiting.length > 0) reading = read();

async function open(): Promise<MetricStore> {
  const opened = await openStore(storeName);
  if (opened.kind === 'memory') notices.show({ key: 'memory', level: 'info', title: say('memory'), text: say('memory-text') });
  opened.watchRuns(() => void refresh());
  return opened;
}

async function refresh(): Promise<void> {
  people = await readPeople(store).catch(() => people);
  const runs = people.reduce((sum, person) => sum + person.runs.length, 0);
  for (const id of ['people-card', 'keep-card']) byId(id, HTMLElement).hidden = runs === 0;
  byId('empty', HTMLElement).hidden = runs > 0;
  byId('panel', HTMLElement).hidden = runs === 0;
  const tally = { people: say('people-count', { count: people.length }), runs: say('run-count', { count: runs }) };
  setText(byId('tally', HTMLElement), say('tally', tally));
  list.show(people);
  if (runs > 0) panel ??= showPanel('#panel', { store });
}

/** Takes files in, one after the other, those that are dropped meanwhile behind them. */
async function take(handed: readonly Handed[]): Promise<void> {
  if (handed.length === 0) return setText(byId('outcome', HTMLElement), say('no-files'));
  waiting.push(...handed);
  if (!isReading) reading = read();
  await reading;
}

async function read(): Promise<void> {
  const outcome = byId('outcome', HTMLElement);
  isReading = true;
  setText(outcome, '');
  byId('remarks', HTMLElement).replaceChildren();
  byId('reading', HTMLElement).hidden = false;
  const bar = byId('reading-bar', HTMLProgressElement);
  const done: Taken[] = [];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const count = done.length + waiting.length + 1;
    bar.max = count;
    bar.value = done.length;
    setText(byId('reading-text', HTMLElement), say('reading', { file: next.file.name, number: done.length + 1, count }));
    const taken = await takeIn(store, next);
    done.push(taken);
    remark(taken);
  }
  isReading = false;
  byId('reading', HTMLElement).hidden = true;
  setText(outcome, sum(done));
  await refresh();
}

function sum(done: readonly Taken[]): string {
  const total = (count: (taken: Taken) => number): number => done.reduce((all, taken) => all + count(taken), 0);
  const [known, refused] = [total(({ knownRuns }) => knownRuns), total(({ error }) => (error === undefined ? 0 : 1))];
  const sentences = [
    say('outcome', { runs: say('new-runs', { count: total(({ newRuns }) => newRuns) }), files: say('of-files', { count: done.length }) }),
    known > 0 ? say('known', { count: known }) : '',
    refused > 0 ? say('refused-count', { count: refused }) : '',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

/** What a person should know about a file. Runs that were here already are counted in the sum, so their notes are left out. */
function remark({ file, knownRuns, notes, error }: Taken): void {
  if (error !== undefined) {
    const text = error instanceof Error ? error.message : String(error);
    const item = make(
      'li',
      { 'data-level': 'error' },
      make('strong', {}, say('refused', { file })),
      make('p', {}, text),
      say('refused-help'),
    );
    byId('remarks', HTMLElement).append(item);
  } else if (notes.length > knownRuns) {
    byId('remarks', HTMLElement).append(make('li', {}, make('strong', {}, say('noted', { file })), make('p', {}, notes.join('\n'))));
  }
}

function tellFailure(error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  notices.show({ key: 'failed', level: 'error', title: say('failed'), text: say('failed-text'), detail });
}

async function rename(person: Person, name: string): Promise<void> {
  if (name !== person.name) await renamePerson(store, person, name).catch(tellFailure);
  await refresh();
}

async function remove({ name, runs }: Person): Promise<void> {
  const place = people.findIndex((person) => person.name === name);
  const key = `deleted ${name}`;
  try {
    for (const { id } of runs) await store.deleteRun(id);
  } catch (error) {
    return tellFailure(error);
  }
  await refresh();
  const neighbour = people[Math.min(place, people.length - 1)];
  const next =
    neighbour === undefined
      ? byId('choose', HTMLElement)
      : document.querySelector<HTMLElement>(`[data-focus="${CSS.escape(`delete ${neighbour.name}`)}"]`);
  next?.focus();
  const undo = async (): Promise<void> => {
    try {
      for (const { id } of runs) await store.restoreRun(id);
    } catch {
      notices.show({ key, level: 'info', title: say('deleted', { person: name }), text: say('gone') });
    }
    await refresh();
  };
  notices.show({
    key,
    level: 'info',
    title: say('deleted', { person: name }),
    text: say('deleted-text'),
    action: { label: say('undo'), run: () => void undo() },
  });
  setTimeout(() => notices.clear(key), undoFor);
}

/** Every run, whoever's. */
async function* everything(exporter: typeof archive | typeof tfevents | typeof csv): AsyncGenerator<ExportFile, void, undefined> {
  const ids = people.flatMap(({ runs }) => runs.map(({ id }) => id));
  yield* exporter(store, ids);
}

/** Deletes what this address keeps in this browser, and begins anew. */
async function clear(): Promise<void> {
  // What is half in would come into the new store.
  waiting.length = 0;
  await reading;
  panel?.destroy();
  panel = undefined;
  await store.close();
  const { left } = await clearDevice();
  if (left.length === 0) notices.show({ key: 'clear', level: 'info', title: say('cleared'), text: say('cleared-text') });
  else {
    const detail = left.map(({ error }) => error.message).join('\n');
    notices.show({ key: 'clear', level: 'error', title: say('not-cleared'), text: say('not-cleared-text'), detail });
  }
  store = await open();
  byId('remarks', HTMLElement).replaceChildren();
  setText(byId('outcome', HTMLElement), '');
  await refresh();
}

// In the click itself: the browser asks where to save only then.
for (const [id, exporter, name] of [
  ['export-archive', archive, 'class.zip'],
  ['export-tensorboard', tfevents, 'class-tensorboard.zip'],
  ['export-csv', csv, 'class-csv.zip'],
] as const) {
  byId(id, HTMLElement).addEventListener('click', () => void download(everything(exporter), name).catch(tellFailure));
}

const dialog = byId('confirm', HTMLDialogElement);
byId('clear', HTMLElement).addEventListener('click', () => {
  dialog.returnValue = 'keep';
  dialog.showModal();
});
dialog.addEventListener('close', () => {
  if (dialog.returnValue === 'clear') void clear();
});
