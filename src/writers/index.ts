/** Front doors for people with a habit: `UnifiedLogger` speaks as itwinai's loggers do. */
export type { DatasetSource } from './dataset.ts';
export type { ModelLike } from './model-like.ts';
export type { UnifiedItems, UnifiedKind } from './unified-kinds.ts';
export { type LogFreq, unifiedKinds, UnifiedLogger, type UnifiedLoggerOptions } from './unified-logger.ts';
export type { UnifiedLogOptions } from './unified-verbs.ts';
