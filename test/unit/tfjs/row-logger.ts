import type { Logger, Metrics, Moment } from '../../../src/core/logger.ts';
import type { Config, EndStatus } from '../../../src/core/run-info.ts';

/** A logger that keeps everything, to look at by tag. */
export interface RowLogger extends Logger {
  readonly rows: { readonly metrics: Metrics; readonly at: Moment }[];
  config: Config | undefined;
  status: EndStatus | undefined;
  values(tag: string): number[];
  steps(tag: string): number[];
}

export function rowLogger(): RowLogger {
  const rows: RowLogger['rows'] = [];
  const having = (tag: string): RowLogger['rows'] => rows.filter(({ metrics }) => tag in metrics);
  const logger: RowLogger = {
    rows,
    config: undefined,
    status: undefined,
    logMetrics: (metrics, at) => void rows.push({ metrics: { ...metrics }, at: { ...at } }),
    logHyperparams: (config) => void (logger.config = config),
    async finalize(status) {
      logger.status = status;
    },
    values: (tag) => having(tag).map(({ metrics }) => metrics[tag] ?? NaN),
    steps: (tag) => having(tag).map(({ at }) => at.step),
  };
  return logger;
}
