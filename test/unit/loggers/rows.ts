import type { Metrics, Moment } from '../../../src/core/logger.ts';
import type { RunInfo } from '../../../src/core/run-info.ts';
import type { LogFolder } from '../../../src/loggers/index.ts';

export const startedAt = 1_700_000_000;

export const runInfo: RunInfo = {
  id: 'run-1',
  project: 'demo',
  name: 'demo-1',
  status: 'running',
  startedAt,
  config: {},
};

/** A moment; a second a step. */
export function at(step: number, more: Partial<Moment> = {}): Moment {
  return { step, epoch: 0, wallTime: startedAt + step, ...more };
}

/** The moment of a row without an epoch. */
export function bare(step: number): Moment {
  return at(step, { isWithoutEpoch: true });
}

/** A logger that writes down what it is told. */
export function recorder(): { rows: [Metrics, number][]; logMetrics(metrics: Metrics, at: Moment): void; logHyperparams(): void } {
  const rows: [Metrics, number][] = [];
  return { rows, logMetrics: (metrics, { step }) => void rows.push([metrics, step]), logHyperparams: () => {} };
}

/** The folder, with writes that fail as long as `refuse.isOn`. */
export function refusing(folder: LogFolder, refuse: { isOn: boolean }): LogFolder {
  const check = async (): Promise<void> => {
    if (refuse.isOn) throw new DOMException('no space left', 'QuotaExceededError');
  };
  return {
    ...folder,
    write: async (path, bytes) => check().then(() => folder.write(path, bytes)),
    append: async (path, bytes) => check().then(() => folder.append(path, bytes)),
  };
}
