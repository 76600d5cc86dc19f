import type { Metrics, Moment } from '../core/logger.ts';

/** Holds back values that come too often, and keeps the newest of each tag. */
export interface RowThrottle {
  /** Passes on what is due and holds the rest. */
  take(metrics: Metrics, at: Moment): void;
  /** Passes on what is held. */
  release(): void;
}

/** Makes a {@link RowThrottle}: each tag passes `perSecond` times a second by the rows' wall times, rows of loops' epochs always. */
export function createRowThrottle(perSecond: number, pass: (metrics: Metrics, at: Moment) => void): RowThrottle {
  const leastSecs = 1 / perSecond;
  const passedAt = new Map<string, number>();
  const held = new Map<string, { readonly value: number; readonly at: Moment }>();

  return {
    take(metrics, at) {
      const kept = { ...at };
      const due: Record<string, number> = {};
      let isAny = false;
      for (const [tag, value] of Object.entries(metrics)) {
        held.delete(tag);
        if (at.rhythm !== 'epoch' && at.wallTime - (passedAt.get(tag) ?? -Infinity) < leastSecs) {
          held.set(tag, { value, at: kept });
          continue;
        }
        passedAt.set(tag, at.wallTime);
        due[tag] = value;
        isAny = true;
      }
      if (isAny) pass(due, at);
    },
    release() {
      const rows = new Map<Moment, Record<string, number>>();
      for (const [tag, { value, at }] of held) {
        passedAt.set(tag, at.wallTime);
        const row = rows.get(at);
        if (row === undefined) rows.set(at, { [tag]: value });
        else row[tag] = value;
      }
      held.clear();
      for (const [at, row] of rows) pass(row, at);
    },
  };
}
