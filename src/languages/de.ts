import type { barTexts, barWarningTexts, hookTexts, runTexts as logTexts } from '../core/core-words.ts';
import type { Language, Translation } from '../core/words.ts';
import type { exportTexts } from '../export/words.ts';
import type { importTexts } from '../import/words.ts';
import type { eventTexts, httpTexts, tableTexts } from '../loggers/words.ts';
import type { mediaTexts } from '../media/words.ts';
import type { aggregationTexts, confusionTexts, curveTexts, listTexts, metricTexts, regressionTexts } from '../metrics/words.ts';
import type { panelTexts, progressTexts } from '../panel/words.ts';
import type { runTexts } from '../run/words.ts';
import type { placeTexts, storeTexts } from '../store/words.ts';
import type { trainTexts } from '../train/words.ts';
import type { workerTexts } from '../worker/words.ts';
import type { writerTexts } from '../writers/words.ts';

const core = {
  'no-batch-value':
    '{call}: Die Metrik wurde nur fortgeschrieben und hat daher für diesen Schritt keinen Wert. Mit { onEpoch: true } loggen, oder den Wert durch einen Aufruf holen: await metric(preds, target).',
  'two-metrics':
    '{call}: Unter diesem Namen werden zwei Metriken geloggt; nur die letzte wird berechnet und zurückgesetzt. Jede braucht einen eigenen Namen.',
  'logger-late':
    'Der Logger „{name}“ hat seit {seconds} Sekunden nicht auf {verb}() geantwortet und wird nicht abgewartet: Was er bis zum Ende nicht gesendet hat, fehlt dort vielleicht. Alles andere geht weiter.',
  'no-logger': "log(…, { logger: ['{name}'] }): Kein Logger heißt so, also bekommt ihn keiner. Es gibt: {names}.",
  'many-tags':
    'Dieser Lauf hat mehr als {most} Tags; der neueste ist „{name}“. Was sich ändert, gehört in den Schritt oder den Wert, nicht in den Namen.',
  repeated:
    "run.log('{name}'): zweimal in Schritt {step} geloggt; der letzte Wert zählt. Nach jedem Schritt run.endStep() aufrufen, { step } mitgeben oder { reduceFx: 'mean' }.",
  stuck:
    "run.log('{name}'): {times}-mal in Schritt {step} geloggt, daher bleibt von jedem Schreiben nur der letzte Wert. Nach jedem Schritt run.endStep() aufrufen oder { step } mitgeben.",
  overhead:
    'Das Loggen braucht {share} % der Zeit eines Schritts ({own} von {all} ms){causes}. Weniger Werte loggen, oder nicht in jedem Schritt: run.every(n, …), oder logEveryNSteps des Trainers.',
  'overhead-causes': ', am meisten für: {causes}',
  'overhead-logger': 'Logger „{name}“ ({ms} ms je Schritt)',
  'overhead-scalars': '{count} von der GPU gelesene Zahlen je Schritt',
  'overhead-numbers': '{count} geloggte Zahlen je Schritt',
  'ambiguous-batch-size': '{call}: Die Teile des Batches sind verschieden groß; {size} wird genommen. { batchSize } mitgeben.',
  'silent-epoch':
    'logEveryNSteps ist {every}, und eine Epoche hat {steps} Schritte, also wird in den meisten Epochen keiner geloggt. Eine kleinere Zahl nehmen oder die Voreinstellung weglassen.',
  'not-finite': "log('{name}') in {hook}: Der Wert ist {value}",
  'not-finite-kept': '{what}. Er bleibt erhalten; weitere dieses Namens werden nicht gemeldet.',
  'not-finite-left-out': '{what}. Er wird ausgelassen; weitere dieses Namens werden nicht gemeldet.',
  'not-finite-stop': '{what}. Er bleibt erhalten, und das Training hält an; weitere dieses Namens werden nicht gemeldet.',
  'same-name':
    '{call}: {hook} loggt „{name}“ ebenfalls; wo beide einen Wert haben, zählt dieser. Für einen von beiden einen anderen Namen wählen.',
  misnamed: '{call}: Namen bekommen „_step“ und „_epoch“ von selbst. Beides weglassen, damit Diagramme und Callbacks den Wert finden.',
  'bar:v_num':
    "log('v_num', …, { progBar: true }): Unter diesem Namen zeigt der Fortschrittsbalken die Version des Loggers. Einen anderen wählen.",
  'bar-train': 'Epoche {epoch}',
  'bar-sanity': 'Vorprüfung DataLoader {loader}',
  'bar-validate': 'Validierung DataLoader {loader}',
  'bar-test': 'Test DataLoader {loader}',
  'bar-predict': 'Vorhersage DataLoader {loader}',
} as const satisfies Translation<typeof logTexts & typeof hookTexts & typeof barWarningTexts & typeof barTexts>;

const media = {
  'clamped-floats':
    '{call}: Werte liegen außerhalb von 0…1, wie Kommazahlen verstanden werden. Für 0…255 ein Uint8Array oder einen int32-Tensor geben. Sie werden abgeschnitten.',
  'clamped-integers': '{call}: Werte liegen außerhalb von 0…255, wie ganze Zahlen verstanden werden. Sie werden abgeschnitten.',
  clipped: '{call}: Werte liegen außerhalb von −1…1. Sie werden abgeschnitten; durch den größten geteilt, behalten sie ihre Form.',
} as const satisfies Translation<typeof mediaTexts>;

const metrics = {
  compute: 'compute() wurde vor dem ersten update() aufgerufen, der Wert sagt also nichts. Vorher update() aufrufen.',
  size: 'Sie hält alle Werte, jetzt {megabytes} MB. Öfter zurücksetzen, oder eine Metrik nehmen, die nur Summen hält.',
  nan: 'NaN bekommen; es wird ausgelassen. Mit einer nanStrategy zählt es mit, wird ersetzt oder ohne ein Wort ausgelassen.',
  variance: 'Vorhersagen oder Ziele ändern sich kaum oder sind weniger als zwei, daher ist ihre Korrelation NaN.',
  adjusted: '{rows} Beispiele sind zu wenige, um für {regressors} Regressoren zu bereinigen; der Wert bleibt unbereinigt.',
  normalize: 'In einer Zeile oder Spalte der Konfusionsmatrix wurde nichts gezählt, ihre Anteile sind daher 0.',
  'no-positives': 'Kein Beispiel (einer Klasse) ist positiv, daher zählt die Richtig-positiv-Rate als 0.',
  'no-negatives': 'Kein Beispiel (einer Klasse) ist negativ, daher zählt die Falsch-positiv-Rate als 0.',
  'no-recall': 'Kein Beispiel ist positiv, daher ist die Trefferquote nicht bestimmt.',
  'no-recall-of-class': 'Kein Beispiel einer Klasse ist positiv, daher ist ihre Trefferquote nicht bestimmt.',
  'no-samples': 'Eine Klasse hat keine Beispiele und fehlt daher im Mittel „{average}“.',
  'holds-much': 'Sie hält alle Werte, jetzt {megabytes} MB. Mit thresholds, etwa 200, hält sie nur Anzahlen.',
} as const satisfies Translation<
  typeof metricTexts & typeof listTexts & typeof aggregationTexts & typeof regressionTexts & typeof confusionTexts & typeof curveTexts
>;

const panel = {
  dismiss: 'Hinweis ausblenden',
  all: 'Alle Projekte',
  'charts-all': 'Diagramme aller Läufe',
  'charts-project': 'Diagramme des Projekts {project}',
  'run-is': 'Lauf {name}: {status}',
  smoothing: 'Glättung',
  'smoothing-title': 'Gewicht des gleitenden Mittels. Dahinter bleibt die ungeglättete Linie blass zu sehen.',
  axis: 'X-Achse',
  'axis-step': 'Schritt',
  'axis-step-title': 'Abgeschlossene Trainingsschritte',
  'axis-relative': 'Dauer',
  'axis-relative-title': 'Zeit seit dem Beginn jedes Laufs',
  'axis-wall': 'Uhrzeit',
  'axis-wall-title': 'Uhrzeit des Tages',
  runs: 'Läufe',
  'runs-shown': 'Läufe in den Diagrammen',
  'filter-runs': 'Läufe filtern',
  'filter-runs-label': 'Läufe nach Namen filtern',
  'show-all': 'Alle',
  'show-all-label': 'Alle aufgeführten Läufe zeigen',
  'show-none': 'Keine',
  'show-none-label': 'Alle aufgeführten Läufe ausblenden',
  running: 'läuft',
  finished: 'fertig',
  stopped: 'angehalten',
  failed: 'gescheitert',
  interrupted: 'abgebrochen',
  started: '{status}, begonnen {time}',
  'started-unknown': '{status}, Beginn unbekannt',
  'usage-title': 'Was die Adresse dieser Seite in diesem Browser aufbewahrt, von dem, was der Browser ihr lässt',
  usage: '{used} von {room} belegt',
  'usage-full': '{used} von {room} belegt, fast voll',
  'filter-charts': 'Diagramme filtern',
  'filter-charts-label': 'Diagramme nach Namen filtern',
  system: 'System ({count})',
  found: '{found} von {all}',
  more: 'Mehr Diagramme zeigen ({shown} von {all})',
  'reset-zoom': 'Ganz zeigen',
  log: 'log',
  'log-title': 'Logarithmische y-Achse',
  'log-label': 'Logarithmische y-Achse von {title}',
  chart: 'Diagramm von {title}. Die Pfeiltasten nach links und rechts lesen die Werte vor.',
  'only-odd': 'Bisher nur NaN oder unendliche Werte',
  'no-values': 'Kein sichtbarer Lauf hat hier Werte',
  train: 'Training',
  val: 'Valid.',
  test: 'Test',
  epoch: 'Epoche',
  'summary-none': '{title}: keine Werte.',
  summary: '{title}, neueste Werte: {values}.',
  'value-at': '{name} {value} bei Schritt {step}',
  'value-at-odd': '{name} {value} bei Schritt {step}, {odd} nicht endlich',
  'and-more': 'und {count} weitere',
  run: 'Lauf',
  value: 'Wert',
  smoothed: 'Geglättet',
  step: 'Schritt',
  time: 'Zeit',
  'waiting-run': 'Warten auf die ersten Zahlen von {name}',
  'waiting-runs': { one: 'Warten auf die ersten Zahlen von {count} Lauf', other: 'Warten auf die ersten Zahlen von {count} Läufen' },
  'no-runs': 'Noch keine Läufe in diesem Browser',
  'no-runs-project': 'Noch keine Läufe im Projekt {project}',
  'they-appear': 'Hier erscheinen sie, sobald etwas geloggt wird.',
} as const satisfies Translation<typeof panelTexts>;

const progress = {
  'not-started': 'Noch nicht begonnen',
  preparing: 'Wird vorbereitet …',
  epoch: 'Epoche {epoch}',
  'epoch-of': 'Epoche {epoch} von {all}',
  'epoch-paused': 'Epoche {epoch} von {all}, Pause',
  'epoch-done': 'Epoche {epoch} von {all} fertig',
  train: 'Training',
  sanity: 'Vorprüfung',
  validate: 'Validierung',
  test: 'Test',
  predict: 'Vorhersage',
  'of-loader': '{stage}: {name}',
  'loader-number': '{stage} {number}',
  'finished-after': { one: 'Fertig nach einer Epoche', other: 'Fertig nach {count} Epochen' },
  'stopped-in': 'Angehalten in Epoche {epoch}',
  'failed-in': 'Gescheitert in Epoche {epoch}',
  finished: '{stage}: fertig',
  stopped: '{stage}: angehalten',
  failed: '{stage}: gescheitert',
  'so-far': '{time} bisher',
  left: 'noch {time}',
  rate: '{rate} Batches/s',
  samples: '{count} Beispiele/s',
} as const satisfies Translation<typeof progressTexts>;

const run = {
  unsaved: {
    one: 'Ein Punkt des Laufs „{id}“ konnte nicht gespeichert werden; warum, wurde zuvor gesagt. Er bleibt, bis diese Seite oder dieser Worker geschlossen wird: {advice}.',
    other:
      '{count} Punkte des Laufs „{id}“ konnten nicht gespeichert werden; warum, wurde zuvor gesagt. Sie bleiben, bis diese Seite oder dieser Worker geschlossen wird: {advice}.',
  },
  'unsaved-gone': 'den Lauf jetzt exportieren',
  'unsaved-full': 'Platz schaffen, dann werden sie gespeichert, oder den Lauf jetzt exportieren',
  'unsaved-records': {
    one: 'Ein Eintrag des Laufs „{id}“ konnte nicht gespeichert werden; warum, wurde zuvor gesagt. Er bleibt, bis diese Seite oder dieser Worker geschlossen wird: Platz schaffen, dann wird er gespeichert.',
    other:
      '{count} Einträge des Laufs „{id}“ konnten nicht gespeichert werden; warum, wurde zuvor gesagt. Sie bleiben, bis diese Seite oder dieser Worker geschlossen wird: Platz schaffen, dann werden sie gespeichert.',
  },
  'store-stalled':
    'Der Speicher hat seit {seconds} Sekunden nicht geantwortet. Punkte des Laufs „{id}“ werden so lange aufgehoben; sie können exportiert werden.',
  'records-stalled': 'Der Speicher hat seit {seconds} Sekunden nicht geantwortet. Einträge des Laufs „{id}“ werden so lange aufgehoben.',
  'points-dropped':
    'Der Speicher nimmt schon so lange nichts an, dass die ältesten Punkte des Laufs „{id}“ aufgegeben werden mussten. Jetzt Platz schaffen oder exportieren.',
  'records-dropped':
    '{call}: nicht behalten, weil mehr als {most} MB darauf warten, gespeichert zu werden: {reason}. Dasselbe gilt für alles Weitere unter diesem Tag, bis Platz ist.',
  'store-refuses': 'der Speicher nimmt sie nicht an; jetzt Platz schaffen oder exportieren',
  'await-step': 'mit await run.endStep() können sie gespeichert werden',
  'no-place': '{call}: nicht behalten, weil der Lauf weder einen Speicher noch einen Logger hat, der die Art „{kind}“ annimmt.',
  'no-engine': '{call}: Tensoren werden einzeln gelesen. Mit startRun({ engine: tfjsEngine() }) werden Hunderte auf einmal gelesen.',
} as const satisfies Translation<typeof runTexts>;

const store = {
  unsaved:
    "chunks('{id}'): Der Thread, der diesen Lauf schreibt, hält Punkte, die nicht gespeichert sind, und hat nicht rechtzeitig geantwortet. Sie fehlen; noch einmal exportieren, oder in seinem Tab.",
  memory:
    "openStore('{name}'): Läufe bleiben nur im Arbeitsspeicher, denn {reason}. Diagramme und Exporte gehen, aber mit dem Schließen oder Neuladen dieser Seite sind die Läufe fort, und andere Tabs sehen sie nicht. Außerhalb eines abgeschotteten Rahmens oder privaten Fensters bleiben sie erhalten.",
  'memory-newer':
    "openStore('{name}'): Läufe bleiben nur im Arbeitsspeicher, denn ein neueres Programm hat die Datenbank geändert. Diagramme und Exporte gehen, aber mit dem Schließen oder Neuladen dieser Seite sind die Läufe fort, und andere Tabs sehen sie nicht. Die Seite neu laden, um das neuere Programm zu bekommen.",
  'no-database': 'es gibt hier kein IndexedDB',
  'database-refused': 'der Browser verweigert die Datenbank ({cause})',
  waiting:
    "openStore('{name}'): Warten auf einen anderen Tab dieser Website, der eine ältere Fassung der Datenbank offen hält oder sie gerade löscht. Es geht von selbst weiter, wenn er neu geladen oder geschlossen wird; nichts geht verloren.",
  space:
    'Von den {room}, die der Browser der Adresse dieser Seite gibt, sind {used} belegt. Ist alles voll, wird nichts mehr gespeichert: exportieren, was bleiben soll, und Läufe löschen, die niemand braucht.',
  listener:
    'Eine Funktion, die mit store.{call} zuhört, hat einen Fehler geworfen: {error}. Sie wird beim Nächsten wieder aufgerufen; dort ist er zu beheben.',
  lag: 'Laufende Diagramme hängen vielleicht nach: {error}',
  maintenance: '{error} Läufe werden trotzdem gespeichert und können gelesen werden; später wird es noch einmal versucht.',
  sandboxed:
    'Diese Seite steht in einem abgeschotteten Rahmen, darum bleiben ihre Läufe nur im Arbeitsspeicher: Was bleiben soll, vor dem Schließen oder Neuladen sichern.',
  'storage-blocked':
    'Dieser Browser speichert für diese Seite nichts, darum bleiben ihre Läufe nur im Arbeitsspeicher: Was bleiben soll, vor dem Schließen oder Neuladen sichern.',
  'newer-database':
    'In einem anderen Tab läuft eine neuere Fassung dieser Seite, darum bleiben neue Läufe hier nur im Arbeitsspeicher: sichern, was bleiben soll, dann diese Seite neu laden, um jene Fassung zu bekommen.',
  'tab-in-the-way':
    'Ein anderer Tab dieser Website hält eine ältere Fassung ihrer Daten offen: Wird er geschlossen oder neu geladen, geht es hier von selbst weiter.',
  'no-downloads': 'Diese Seite steht in einem Rahmen, der keine Dateien sichern darf: zum Sichern in einem eigenen Tab öffnen.',
  insecure:
    'Diese Adresse ist nicht sicher, darum gibt der Browser dieser Seite kein WebGPU und keine Dialoge zum Sichern: Sie trainiert ohne WebGPU und sichert Dateien als gewöhnliche Downloads. Mit https:// hat sie beides.',
} as const satisfies Translation<typeof storeTexts & typeof placeTexts>;

const exports = {
  'no-downloads': 'Diese Seite steht in einem Rahmen, der keine Dateien sichern darf: zum Sichern in einem eigenen Tab öffnen.',
  'perhaps-no-downloads':
    'Diese Seite steht in einem abgeschotteten Rahmen, der vielleicht keine Dateien sichern darf: Erscheint keine, die Seite in einem eigenen Tab öffnen.',
} as const satisfies Translation<typeof exportTexts>;

const loggers = {
  step: 'TensorBoardLogger: {tag} hat den Schritt {step}; Event-Dateien halten nur ganze Zahlen bis {most}. Punkte dieses Tags mit solchen Schritten fehlen dort.',
  'late-hparams':
    'TensorBoardLogger: Die Hyperparameter kamen, nachdem die ersten Events geschrieben waren. TensorBoard behält die früheren; mit startRun({ config }) sind sie dort zu sehen.',
  'step-column': "CSVLogger: Ein Wert namens 'step' hat keine eigene Spalte: Dort steht der Schritt seiner Zeile.",
  held: 'CSVLogger: Die Tabelle konnte so lange nicht geschrieben werden, dass nur die letzten {most} Zeilen bleiben.',
  offline: 'httpLogger: Dieses Gerät ist offline.',
  unreachable: 'httpLogger: {address} ist nicht zu erreichen.',
  timeout: 'httpLogger: {address} hat nicht rechtzeitig geantwortet.',
  cors: 'httpLogger: {address} erlaubt Seiten von {origin} das Senden nicht (CORS). Die Antwort braucht Access-Control-Allow-Origin und Access-Control-Allow-Headers: {headers}.',
  csp: 'httpLogger: Die Content-Security-Policy dieser Seite verbietet das Senden an {address}. In connect-src ergänzen.',
  busy: 'httpLogger: {address} nimmt gerade nichts an (Status {status}).',
  headers: 'httpLogger({ headers }) hat einen Fehler geworfen: {error}',
  refused: 'httpLogger: {address} lehnt ab (Status {status}). Die Adresse prüfen, und die Header, die sie verlangt.',
  redirect: 'httpLogger: {address} leitet um nach {to}, und Gesendetes kann unterwegs verloren gehen. Jene Adresse angeben.',
  html: 'httpLogger: {address} antwortet mit einer Webseite, hat also nichts angenommen. Die Adresse prüfen, und ob man sich dort anmelden muss.',
  kept: 'Was geloggt wird, bleibt erhalten und wird gesendet, wenn sich das geändert hat.',
  body: {
    one: 'httpLogger: {address} lehnt eine Sendung mit einem Eintrag ab (Status {status}). Sie wird zurückgelegt und wieder angeboten, wenn diese Seite das nächste Mal geöffnet wird.',
    other:
      'httpLogger: {address} lehnt eine Sendung mit {count} Einträgen ab (Status {status}). Sie wird zurückgelegt und wieder angeboten, wenn diese Seite das nächste Mal geöffnet wird.',
  },
  memory:
    'httpLogger: Was nicht gesendet werden kann, bleibt nur im Arbeitsspeicher, denn dafür gibt es hier keine Datenbank. Mit dem Schließen dieser Seite ist es fort.',
  dropped: {
    one: 'httpLogger: Für {address} wartet so viel, dass das Älteste aufgegeben wird: bisher ein Eintrag. Die Läufe im Speicher haben alles.',
    other:
      'httpLogger: Für {address} wartet so viel, dass das Älteste aufgegeben wird: bisher {count} Einträge. Die Läufe im Speicher haben alles.',
  },
  record: 'httpLogger: Der Eintrag „{tag}“ konnte nicht gelesen werden und wird nicht gesendet: {error}',
  left: {
    one: 'httpLogger: Ein Eintrag des Laufs {run} konnte vor dessen Ende nicht an {address} gesendet werden. Er bleibt erhalten und wird wieder versucht, solange diese Seite offen ist und wenn sie das nächste Mal geöffnet wird.',
    other:
      'httpLogger: {count} Einträge des Laufs {run} konnten vor dessen Ende nicht an {address} gesendet werden. Sie bleiben erhalten und werden wieder versucht, solange diese Seite offen ist und wenn sie das nächste Mal geöffnet wird.',
  },
} as const satisfies Translation<typeof eventTexts & typeof tableTexts & typeof httpTexts>;

const imports = {
  damaged: {
    one: '„{name}“ kann nicht importiert werden, und nichts davon wurde importiert. {count} Fehler:',
    other: '„{name}“ kann nicht importiert werden, und nichts davon wurde importiert. {count} Fehler:',
  },
  more: 'und {count} weitere',
  'no-zip': 'Es ist keine Zip-Datei, oder ein Teil davon fehlt',
  'no-archive': 'Es ist kein Archiv darin. Läufe als Archiv exportieren und die Zip-Datei so importieren, wie sie ist',
  newer: 'Sie hat die Formatversion {version}, und diese Seite liest Versionen bis {known}. In einer neueren Seite öffnen',
  'too-large': 'Ausgepackt würde sie {factor}-mal so groß, wie es kein Archiv wird',
  missing: '{path} fehlt',
  twice: '{path} ist zweimal darin',
  'wrong-size': '{path} hat {found} Bytes statt {bytes}',
  'wrong-checksum': '{path} ist beschädigt: Die Prüfsumme stimmt nicht',
  'not-unpacked': '{path} ist beschädigt: Es lässt sich nicht auspacken',
  unreadable: '{path} entspricht nicht dem Format: {detail}',
  'there-already': 'Der Lauf „{name}“ ist schon da. Er blieb, wie er war.',
  'let-go':
    'Der Lauf „{name}“ wurde gleich wieder gelöscht: Dieser Speicher behält nur so viele Läufe oder Bytes, und er gehört zu den ältesten.',
  'other-notes': 'Notizen und Etiketten des Laufs „{name}“ sind in der Datei andere. Die hiesigen blieben.',
  'older-state': 'Der Lauf „{name}“ ist schon da und seither weitergegangen. Er blieb, wie er war.',
  'newer-state': 'Der Lauf „{name}“ geht weiter, wo „{other}“ endet, und enthält ihn ganz. Beide bleiben.',
  'other-state': 'Der Lauf „{name}“ ist ein anderer Stand von „{other}“. Beide bleiben.',
  incomplete:
    'Ein anderer Tab importiert den Lauf „{other}“, oder tat es, als er geschlossen wurde. Er wurde noch einmal importiert, als „{name}“.',
  'odd-points': {
    one: '{count} Punkt des Laufs „{name}“ liegt bei einem Schritt oder einer Zeit, die kein Training hat. Diagramme mit diesem Lauf sehen womöglich leer aus.',
    other:
      '{count} Punkte des Laufs „{name}“ liegen bei Schritten oder Zeiten, die kein Training hat. Diagramme mit diesem Lauf sehen womöglich leer aus.',
  },
  'lost-contents': {
    one: '{count} Datei des Laufs „{name}“ war verloren, bevor das Archiv gemacht wurde.',
    other: '{count} Dateien des Laufs „{name}“ waren verloren, bevor das Archiv gemacht wurde.',
  },
  cleaned: 'Der Lauf „{name}“ war von einem abgebrochenen Import zum Teil da. Er wurde entfernt.',
  'broken-off': 'Der Import von „{name}“ endete beim Lauf „{run}“, und was von ihm da war, wurde entfernt: {reason}',
  'are-in': { one: '{count} Lauf ist da: {list}.', other: '{count} Läufe sind da: {list}.' },
  'none-is-in': 'Kein Lauf ist da.',
} as const satisfies Translation<typeof importTexts>;

const train = {
  'no-validation-data':
    'fit(): Das Modul hat einen validationStep, aber weder validationBatches noch validationLoaders, und wird daher nie validiert. Eines davon ergänzen.',
  'no-validation-step':
    'fit(): Das Modul hat Daten zum Validieren, aber keinen validationStep, daher sehen sie nur andere Hooks. Einen ergänzen oder die Daten weglassen.',
  'two-validations':
    'fit(): Das Modul hat validationBatches und validationLoaders; nur die Loader werden genommen. Eines von beiden weglassen.',
  accumulated:
    'fit({ accumulateGradBatches: {accumulated} }): Eine Epoche hatte {batches} Batches, wo stepsPerEpoch {count} sagt, daher wurden die Gradienten der letzten nicht angewandt. stepsPerEpoch auf das setzen, was trainBatches liefert.',
  refused: 'Einstellung abgelehnt',
  'refused-settings': 'set({settings}): {names} wurde nicht verstanden oder hat einen Wert ohne Sinn; es bleibt, wie es war.',
  warning: 'Warnung',
} as const satisfies Translation<typeof trainTexts>;

const worker = {
  'not-ready': 'Worker nicht bereit',
  silent:
    'Der Worker hat seit 10 Sekunden exposeTrainer() nicht aufgerufen. Vielleicht lädt er noch; wenn nicht, prüfen, ob seine Datei es aufruft.',
  warning: 'Warnung',
  store: 'Speicher',
} as const satisfies Translation<typeof workerTexts>;

const writers = {
  begun:
    'UnifiedLogger.createLoggerContext(): Das Loggen hat schon begonnen; der Aufruf wird übergangen. Vorher destroyLoggerContext() aufrufen.',
} as const satisfies Translation<typeof writerTexts>;

/**
 * German: every text of panel, progress and warnings.
 *
 * ```ts
 * setLanguage(german);
 * ```
 */
export const german: Language = {
  locale: 'de',
  words: { core, export: exports, import: imports, loggers, media, metrics, panel, progress, run, store, train, worker, writers },
};
