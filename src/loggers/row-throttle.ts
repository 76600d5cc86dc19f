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

  const release = (tags: Iterable<string>): void => {
    const rows = new Map<Moment, Record<string, number>>();
    for (const tag of tags) {
      const one = held.get(tag);
      if (one === undefined) continue;
      const row = rows.get(one.at) ?? {};
      row[tag] = one.value;
      rows.set(one.at, row);
      passedAt.set(tag, one.at.wallTime);
      held.delete(tag);
    }
    for (const [at, row] of rows) pass(row, at);
  };

  return {
    take(metrics, at) {
      if (at.rhythm === 'epoch') {
        // What its steps came to stands before it.
        release(Object.keys(metrics));
        return pass(metrics, at);
      }
      const kept = { ...at };
      const due: Record<string, number> = {};
      let isAny = false;
      for (const [tag, value] of Object.entries(metrics)) {
        held.delete(tag);
        if (at.wallTime - (passedAt.get(tag) ?? -Infinity) < leastSecs) {
          held.set(tag, { value, at: kept });
          continue;
        }
        passedAt.set(tag, at.wallTime);
        due[tag] = value;
        isAny = true;
      }
      if (isAny) pass(due, at);
    },
    release: () => release([...held.keys()]),
  };
}
