export { type LifecycleEvent, onLifecycle, signalLifecycle } from './lifecycle.ts';
export { Run } from './run.ts';
export { startRun, type StartRunOptions } from './start-run.ts';
