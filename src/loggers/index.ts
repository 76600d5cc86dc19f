/**
 * Further places for what a run logs, while it logs: `startRun({ loggers: [new CSVLogger({ folder: opfsFolder() })] })`.
 *
 * @module
 */
export type { Logger, Metrics, ModelGraph, Moment } from '../core/logger.ts';
export { RetryLater } from '../core/retry-later.ts';
export { ConsoleLogger, type ConsoleLoggerOptions } from './console-logger.ts';
export { CSVLogger, type CSVLoggerOptions } from './csv-logger.ts';
export { directoryFolder, opfsFolder } from './directory-folder.ts';
export { folderFiles, type LogFolder, type LoggedFile } from './log-folder.ts';
export type { HttpLoggerOptions, SendOptions } from './http-courier.ts';
export { type HttpLogger, httpLogger } from './http-logger.ts';
export { LoggerCollection } from './logger-collection.ts';
export { memoryFolder, type MemoryFolder } from './memory-folder.ts';
export { type QueuedResult, sendQueued } from './send-queued.ts';
export { TensorBoardLogger, type TensorBoardLoggerOptions, type TensorBoardSettings } from './tensorboard-logger.ts';
export type { VersionOptions } from './version-folder.ts';
export { filtered, prefixed, type TagFilter, throttled } from './wrap.ts';
