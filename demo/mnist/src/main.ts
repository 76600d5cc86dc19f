import { memoryStore, type MetricStore, openStore, type RunInfo } from 'tabtrain';
import { csv, download, type ExportFile, tfevents } from 'tabtrain/export';
import { showPanel, showProgress } from 'tabtrain/panel';
import { loadDigits } from './data/mnist.ts';
import { Controls } from './page/controls.ts';
import { DigitGrid, GRID_DIGITS } from './page/digit-grid.ts';
import { byId } from '../../shared/dom.ts';
import { Notices } from '../../shared/notices.ts';
import { Reader } from './page/reader.ts';
import { RunHistory } from './page/run-history.ts';
import { deleted, goneForGood, isDeleted, noticeFor, UNDO_FOR } from './page/sentences.ts';
import { StatusStrip } from './page/status-strip.ts';
import { TrainingPage } from './page/training-page.ts';
import { PROJECT, TrainingSession } from './page/training-session.ts';

const notices = new Notices(byId('notices', HTMLElement));
const store = await openRuns();
const status = new StatusStrip();

const session = new TrainingSession(store, {
  onNews: (news) => page.onNews(news),
  onPhase: (phase, backend) => page.onPhase(phase, backend),
  onProgress: (progress) => page.onProgress(progress),
  onEpoch: (event) => {
    page.onEpoch(event);
    // The list shows the newest test accuracy, too; the store tells of runs that change, not of their points.
    void runs.refresh();
  },
  onAlert: ({ title, text, level }) => notices.show({ key: title, level: level === 'error' ? 'error' : 'info', title, text }),
  onError: (error) => page.onError(error),
});
const reader = new Reader(
  (digit) => session.classify(digit),
  () => grid.clearChoice(),
);
const grid = new DigitGrid((digit, label) => reader.inspect(digit, label));
const controls = new Controls({
  onTrain: () => void page.train(controls.settings),
  onStop: () => void page.stop(),
  onChange: ({ learningRate }) => void session.setLearningRate(learningRate),
});
const page = new TrainingPage({ session, controls, status, grid, reader, notices });

showProgress('#epoch', session, { hide: ['v_num'] });
const panel = showPanel('#panel', { store, project: PROJECT });
// In the build the charts come as a file of their own.
addEventListener('vite:preloadError', () => {
  panel.destroy();
  byId('panel', HTMLElement).textContent = 'The charts could not be loaded. Check the connection and reload the page.';
});
const runs = new RunHistory(store, PROJECT, {
  isTrainedHere: (run) => session.runId === run.id,
  async onDelete(run) {
    if (session.runId === run.id) await page.stop();
    try {
      await store.deleteRun(run.id);
    } catch (thrown) {
      notices.show(noticeFor('delete', thrown));
      return;
    }
    const key = `deleted-${run.id}`;
    notices.show(deleted(key, run.name, () => void restore(run, key)));
    setTimeout(() => notices.clear(key), UNDO_FOR);
  },
  onRuns: (list) => page.onRuns(list),
});
void runs.refresh();

// In the click itself: the browser asks where to save only then.
byId('export-tensorboard', HTMLButtonElement).addEventListener('click', () =>
  save(tfevents(store, runs.exportIds), 'mnist-tensorboard.zip'),
);
byId('export-csv', HTMLButtonElement).addEventListener('click', () => save(csv(store, runs.exportIds), 'mnist-csv.zip'));

// Fifty digits are a small part of the file; the rest of the download is cut off.
loadDigits({ folder: new URL('../data/', document.baseURI).href, half: 't10k', limit: GRID_DIGITS }).then(
  (digits) => grid.setDigits(digits),
  (thrown: unknown) => notices.show(noticeFor('data', thrown)),
);

async function restore(run: RunInfo, key: string): Promise<void> {
  try {
    await store.restoreRun(run.id);
  } catch (thrown) {
    notices.show(isDeleted(thrown) ? goneForGood(key, run.name) : noticeFor('delete', thrown));
  }
}

function save(files: AsyncIterable<ExportFile>, name: string): void {
  download(files, name).then(
    () => notices.clear('export'),
    (thrown: unknown) => notices.show(noticeFor('export', thrown)),
  );
}

/** The browser's database, or the page's memory with a sentence that says so. */
async function openRuns(): Promise<MetricStore> {
  try {
    const opened = await openStore();
    if (opened.kind === 'memory') {
      notices.show({
        key: 'memory',
        level: 'info',
        title: 'Runs last until you close this tab',
        text: 'This browser gives the page no database, as private windows often do. Everything works; export a run before you leave if you want to keep it.',
      });
    }
    return opened;
  } catch (thrown) {
    const notice = noticeFor('store', thrown);
    notices.show({ ...notice, text: `${notice.text} Until then runs are kept in this tab only; export what you want to keep.` });
    return memoryStore();
  }
}
