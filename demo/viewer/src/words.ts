type Forms = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }>;

/** Everything this page says. `{name}` stands for a value; of several forms the one for `{count}` is taken. */
const english = {
  skip: 'Skip to the charts',
  title: 'Runs of a class',
  lede: 'Drop the archives that people have handed in, all at once. Their runs appear in one set of charts, named by person. Nothing leaves this browser.',
  intake: 'Take archives in',
  drop: 'Drop zip files or folders anywhere on this page',
  'drop-now': 'Let go to take them in',
  choose: 'Choose files…',
  reading: 'Reading {file}, {number} of {count}',
  outcome: '{runs} from {files}.',
  'new-runs': { one: '{count} new run', other: '{count} new runs' },
  'of-files': { one: '{count} file', other: '{count} files' },
  known: { one: '{count} run was here already.', other: '{count} runs were here already.' },
  'refused-count': { one: '{count} file was refused, see below.', other: '{count} files were refused, see below.' },
  'no-files': 'There was no zip file among what was dropped.',
  remarks: 'Files with remarks',
  refused: '{file} was not taken in',
  'refused-help': 'Ask for the archive again: saved anew on the page of the training, and sent as it is.',
  noted: '{file} was taken in, with a remark',
  people: 'People',
  tally: '{people}, {runs}',
  'people-count': { one: '{count} person', other: '{count} people' },
  'run-count': { one: '{count} run', other: '{count} runs' },
  person: 'Person',
  'person-name': 'Name of {person}',
  runs: 'Runs',
  'run-number': '{count}',
  delete: 'Delete',
  'delete-person': 'Delete the runs of {person}',
  deleted: 'Deleted the runs of {person}',
  'deleted-text': 'They are gone for good in ten seconds.',
  undo: 'Undo',
  gone: 'They can no longer be had back: more than ten seconds have passed.',
  keep: 'Save everything',
  archive: 'Archive (.zip)',
  tensorboard: 'TensorBoard (.zip)',
  csv: 'CSV (.zip)',
  'keep-hint': 'The archive can be dropped here again, on any computer. Each zip says in its OPEN-ME.txt how to open it.',
  shared: 'A shared computer?',
  'shared-hint': 'Runs stay in this browser until they are deleted.',
  clear: 'Clear this device…',
  'clear-title': 'Clear this device?',
  'clear-text':
    'All runs that pages of this address keep in this browser are deleted for good, those of other pages beside this one, too. Save what you want to keep first.',
  'keep-it': 'Keep everything',
  'clear-yes': 'Delete everything',
  cleared: 'This device is clear',
  'cleared-text': 'No run is left in this browser.',
  'not-cleared': 'Not everything could be deleted',
  'not-cleared-text': 'Close the other tabs of this address and try again.',
  charts: 'Charts',
  empty: 'Nothing here yet',
  'empty-1': 'Everyone presses “Hand in” on the page they trained on, and gets a zip with their name.',
  'empty-2': 'You collect the zips in one folder.',
  'empty-3': 'You drop them on this page.',
  foot: 'Runs stay in this browser’s own database. The page sends nothing anywhere: its security policy forbids it.',
  messages: 'Messages',
  details: 'Details',
  close: 'Close this message',
  memory: 'Runs last until you close this tab',
  'memory-text': 'This browser gives the page no database, as private windows often do. Save the archive before you leave.',
  failed: 'That did not work',
  'failed-text': 'What was taken in before is kept. Try again; reload the page if it stays.',
} as const satisfies Readonly<Record<string, Forms>>;

type Word = keyof typeof english;

const german: Readonly<Record<Word, Forms>> = {
  skip: 'Zu den Diagrammen springen',
  title: 'Läufe einer Klasse',
  lede: 'Legen Sie die abgegebenen Archive hier ab, alle auf einmal. Die Läufe erscheinen gemeinsam in Diagrammen, nach Personen benannt. Nichts verlässt diesen Browser.',
  intake: 'Archive aufnehmen',
  drop: 'Zip-Dateien oder Ordner irgendwo auf dieser Seite ablegen',
  'drop-now': 'Loslassen, um sie aufzunehmen',
  choose: 'Dateien wählen …',
  reading: '{file} wird gelesen, {number} von {count}',
  outcome: '{runs} aus {files}.',
  'new-runs': { one: '{count} neuer Lauf', other: '{count} neue Läufe' },
  'of-files': { one: '{count} Datei', other: '{count} Dateien' },
  known: { one: '{count} Lauf war schon hier.', other: '{count} Läufe waren schon hier.' },
  'refused-count': { one: '{count} Datei wurde abgelehnt, siehe unten.', other: '{count} Dateien wurden abgelehnt, siehe unten.' },
  'no-files': 'Unter dem Abgelegten war keine Zip-Datei.',
  remarks: 'Dateien mit Anmerkungen',
  refused: '{file} wurde nicht aufgenommen',
  'refused-help': 'Bitten Sie noch einmal um das Archiv: auf der Seite des Trainings neu gesichert und unverändert geschickt.',
  noted: '{file} wurde aufgenommen, mit einer Anmerkung',
  people: 'Personen',
  tally: '{people}, {runs}',
  'people-count': { one: '{count} Person', other: '{count} Personen' },
  'run-count': { one: '{count} Lauf', other: '{count} Läufe' },
  person: 'Person',
  'person-name': 'Name von {person}',
  runs: 'Läufe',
  'run-number': '{count}',
  delete: 'Löschen',
  'delete-person': 'Läufe von {person} löschen',
  deleted: 'Läufe von {person} gelöscht',
  'deleted-text': 'In zehn Sekunden sind sie endgültig fort.',
  undo: 'Zurückholen',
  gone: 'Sie sind nicht mehr zurückzuholen: Mehr als zehn Sekunden sind vergangen.',
  keep: 'Alles sichern',
  archive: 'Archiv (.zip)',
  tensorboard: 'TensorBoard (.zip)',
  csv: 'CSV (.zip)',
  'keep-hint': 'Das Archiv lässt sich hier wieder ablegen, auf jedem Rechner. In jeder Zip-Datei sagt OPEN-ME.txt, wie man sie öffnet.',
  shared: 'Ein gemeinsamer Rechner?',
  'shared-hint': 'Läufe bleiben in diesem Browser, bis sie gelöscht werden.',
  clear: 'Dieses Gerät leeren …',
  'clear-title': 'Dieses Gerät leeren?',
  'clear-text':
    'Alle Läufe, die Seiten dieser Adresse in diesem Browser aufbewahren, werden endgültig gelöscht, auch die anderer Seiten als dieser. Sichern Sie vorher, was bleiben soll.',
  'keep-it': 'Alles behalten',
  'clear-yes': 'Alles löschen',
  cleared: 'Dieses Gerät ist leer',
  'cleared-text': 'In diesem Browser ist kein Lauf mehr.',
  'not-cleared': 'Nicht alles konnte gelöscht werden',
  'not-cleared-text': 'Schließen Sie die anderen Tabs dieser Adresse und versuchen Sie es noch einmal.',
  charts: 'Diagramme',
  empty: 'Noch nichts hier',
  'empty-1': 'Alle drücken „Hand in“ auf der Seite, auf der sie trainiert haben, und erhalten eine Zip-Datei mit ihrem Namen.',
  'empty-2': 'Sie sammeln die Zip-Dateien in einem Ordner.',
  'empty-3': 'Sie legen sie auf dieser Seite ab.',
  foot: 'Läufe bleiben in der Datenbank dieses Browsers. Die Seite sendet nichts, nirgendwohin: Ihre Sicherheitsregeln verbieten es.',
  messages: 'Meldungen',
  details: 'Einzelheiten',
  close: 'Diese Meldung schließen',
  memory: 'Läufe bleiben, bis Sie diesen Tab schließen',
  'memory-text': 'Dieser Browser gibt der Seite keine Datenbank, wie oft in privaten Fenstern. Sichern Sie das Archiv, bevor Sie gehen.',
  failed: 'Das hat nicht geklappt',
  'failed-text': 'Was vorher aufgenommen wurde, ist noch da. Versuchen Sie es noch einmal; hilft das nicht, laden Sie die Seite neu.',
};

const wanted = new URLSearchParams(location.search).get('lang') ?? navigator.language;
/** The page is in German when its address or the browser asks for it, else in English. */
export const locale: 'de' | 'en' = wanted.toLowerCase().startsWith('de') ? 'de' : 'en';
const words: Readonly<Record<Word, Forms>> = locale === 'de' ? german : english;
const plural = new Intl.PluralRules(locale);
const format = new Intl.NumberFormat(locale);

/** A text in the page's language. */
export function say(word: Word, values: Readonly<Record<string, string | number>> = {}): string {
  const forms = words[word];
  const text = typeof forms === 'string' ? forms : (forms[plural.select(Number(values['count']))] ?? forms.other);
  return text.replaceAll(/\{(\w+)\}/g, (mark, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? format.format(value) : (value ?? mark);
  });
}

/** Puts the texts of the page itself into its language. */
export function translatePage(): void {
  const isWord = (word: string | undefined): word is Word => word !== undefined && word in english;
  document.documentElement.lang = locale;
  document.title = `${say('title')} · tabtrain`;
  for (const node of document.querySelectorAll<HTMLElement>('[data-say]')) {
    if (isWord(node.dataset['say'])) node.textContent = say(node.dataset['say']);
  }
  for (const node of document.querySelectorAll<HTMLElement>('[data-say-label]')) {
    if (isWord(node.dataset['sayLabel'])) node.ariaLabel = say(node.dataset['sayLabel']);
  }
}
