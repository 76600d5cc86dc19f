// `npm run bench` measures every row; `npm run bench -- log-call size` those whose id begins so.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeBigRuns } from './lib/big-runs.mjs';
import { describeMachine, shareOfBusyCores } from './lib/machine.mjs';
import { installPeers } from './lib/peers.mjs';
import { serveMeasurements } from './lib/site.mjs';
import { markdownTable, printTable } from './lib/table.mjs';
import * as deleteRun from './rows/delete-run.mjs';
import * as deviceReads from './rows/device-reads.mjs';
import * as exportFiles from './rows/export-files.mjs';
import * as fitCallback from './rows/fit-callback.mjs';
import * as logCall from './rows/log-call.mjs';
import * as logTenMetrics from './rows/log-ten-metrics.mjs';
import * as logToCommit from './rows/log-to-commit.mjs';
import * as metrics from './rows/metrics.mjs';
import * as pageLongTasks from './rows/page-long-tasks.mjs';
import * as reloadToChart from './rows/reload-to-chart.mjs';
import * as seriesCold from './rows/series-cold.mjs';
import * as size from './rows/size.mjs';
import * as trainWithLogging from './rows/train-with-logging.mjs';

const rows = [
  trainWithLogging,
  fitCallback,
  deviceReads,
  logCall,
  logTenMetrics,
  logToCommit,
  seriesCold,
  reloadToChart,
  deleteRun,
  exportFiles,
  pageLongTasks,
  metrics,
  size,
];
const readmeFile = join(import.meta.dirname, 'README.md');
const resultsFile = join(import.meta.dirname, 'results.json');

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
    points: { type: 'string', default: '10000000' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const settings = { rounds: Number(flags.rounds), seconds: Number(flags.seconds), points: Number(flags.points) };
for (const [name, value] of Object.entries(settings)) {
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`bench: --${name}=${flags[name]} is not a count. Example: --${name}=5.`);
}
const chosen = rows.filter(({ id }) => wanted.length === 0 || wanted.some((name) => name.startsWith(id) || id.startsWith(name)));
if (chosen.length === 0) {
  console.error(`bench: there is no row ${wanted.join(', ')}. Rows: ${rows.map(({ id }) => id).join(', ')}.`);
  process.exit(1);
}

installPeers();
const pages = [...new Set(chosen.flatMap((row) => row.pages ?? []))];
const site = pages.length > 0 ? await serveMeasurements(pages) : undefined;
const results = [];
let failed = false;
try {
  for (const row of chosen) {
    const progress = (text) => console.log(`${row.id}: ${text}`);
    const busy = await shareOfBusyCores();
    const began = performance.now();
    try {
      const measured = await row.run({ ...settings, siteUrl: site?.url, progress });
      for (const { version, note, ...result } of measured) {
        results.push({
          ...result,
          machine: describeMachine(version),
          note:
            busy > 0.1 && !row.isCounted
              ? `MEASURED WHILE OTHER PROGRAMS USED ${Math.round(busy * 100)} % OF THE PROCESSOR; ${note}`
              : note,
        });
      }
      progress(
        `done in ${Math.round((performance.now() - began) / 1000)} s (others used ${Math.round(busy * 100)} % of the processor before)`,
      );
    } catch (error) {
      failed = true;
      console.error(`${row.id}: failed.`, error);
    }
  }
} finally {
  await site?.close();
  await removeBigRuns();
}

printTable(results);
if (!flags['dry-run']) keep(results);
if (failed) process.exitCode = 1;

/** Puts what was measured in the place of what these rows gave before, and the whole table into README.md. */
function keep(fresh) {
  const before = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : [];
  const again = new Set(fresh.map((result) => rowOf(result.id)));
  const all = [...before.filter((result) => !again.has(rowOf(result.id))), ...fresh];
  // Within a row the order stays: sorting is stable.
  all.sort((a, b) => rowOf(a.id) - rowOf(b.id));
  writeFileSync(resultsFile, `${JSON.stringify(all, null, 2)}\n`);
  const text = readFileSync(readmeFile, 'utf8');
  const table = () => `<!-- results -->\n\n${markdownTable(all)}\n<!-- end of results -->`;
  writeFileSync(readmeFile, text.replace(/<!-- results -->[^]*<!-- end of results -->/, table));
}

/** Which row a result belongs to: its id begins with the row's. */
function rowOf(resultId) {
  return rows.findIndex(({ id }) => resultId.startsWith(id));
}
