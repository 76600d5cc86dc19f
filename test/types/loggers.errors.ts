// Each line under `@ts-expect-error` must not compile; the type check fails when one does.
import { MeanMetric, startRun } from '../../src/index.ts';
import {
  ConsoleLogger,
  CSVLogger,
  filtered,
  type Logger,
  LoggerCollection,
  memoryFolder,
  prefixed,
  TensorBoardLogger,
  throttled,
} from '../../src/loggers/index.ts';
import { UnifiedLogger } from '../../src/writers/index.ts';

const folder = memoryFolder();
declare const stream: WritableStream<Uint8Array>;

// What must compile.
export const own: Logger = { logMetrics: ({ loss }, { step }) => void [loss, step], logHyperparams() {} };
const all = new LoggerCollection([
  new CSVLogger({ folder, name: '', version: 'first' }),
  new TensorBoardLogger({ folder, maxQueue: 5 }),
  new TensorBoardLogger({ stream, layout: false }),
  filtered(throttled(prefixed(own, 'a', { separator: '/' }), { perSecond: 1 }), ['a/loss']),
  new ConsoleLogger({ perSecond: Infinity }),
]);
await startRun({ loggers: [all] });
const logger = new UnifiedLogger({ logFreq: 10, logOnWorkers: [0, 1] });
logger.log(1, 'loss');
logger.log(1, 'loss', 'metric', { step: 1, batchIdx: 0 });
logger.log(new MeanMetric(), 'mean', 'metric', 4, 0);
logger.log('hello', 'note', 'text');
logger.log({ a: [1] }, 'settings', 'dict');
logger.log(undefined, 'machine', 'system');

// @ts-expect-error -- a logger has both required verbs
export const half: Logger = { logMetrics() {} };
// @ts-expect-error -- records come one by one
export const records: Logger = { ...own, logRecord: (all: readonly unknown[]) => void all };
// @ts-expect-error -- to save takes time
export const saves: Logger = { ...own, save: () => {} };
// @ts-expect-error -- a folder or a stream
export const nowhere = new TensorBoardLogger({ maxQueue: 5 });
// @ts-expect-error -- one of the two
export const both = new TensorBoardLogger({ folder, stream });
// @ts-expect-error -- rows are lines of a file
export const streamed = new CSVLogger({ stream });
// @ts-expect-error -- a folder has verbs of its own
export const path = new CSVLogger({ folder: 'logs' });
// @ts-expect-error -- no such setting
export const snake = new CSVLogger({ folder, flush_logs_every_n_steps: 10 });
// @ts-expect-error -- how often?
export const unlimited = throttled(own, {});
// @ts-expect-error -- names come in a list
export const single = filtered(own, 'loss');
// @ts-expect-error -- loggers come in a list
await startRun({ loggers: own });
// @ts-expect-error -- nor by name
await startRun({ loggers: ['csv'] });

// @ts-expect-error -- a text is no metric
logger.log('x', 'loss');
// @ts-expect-error -- nor when the kind is given
logger.log('x', 'loss', 'metric');
// @ts-expect-error -- await it first
logger.log(Promise.resolve(1), 'loss', 'metric');
// @ts-expect-error -- no such kind
logger.log(1, 'loss', 'number');
// @ts-expect-error -- a number is no text
logger.log(1, 'note', 'text');
// @ts-expect-error -- a table has columns
logger.log({ rows: [] }, 'table', 'table');
// @ts-expect-error -- a tensor has a shape
logger.log({ size: 1, data: async () => [1] }, 'weights', 'tensor');
// @ts-expect-error -- a rhythm by name or number
export const often = new UnifiedLogger({ logFreq: 'step' });
// @ts-expect-error -- ranks are numbers
export const ranks = new UnifiedLogger({ logOnWorkers: 'all' });
