import { describe, LogError } from '../core/errors.ts';
import type { MetricStore } from '../store/metric-store.ts';

/** What the x axis counts: steps, seconds since each run started, or the time of day. */
export type XAxis = 'step' | 'relative' | 'wall';

/** `auto` follows the reader's system. */
export type PanelTheme = 'auto' | 'light' | 'dark';

/** What a reader can change while a panel is open; all are optional. */
export interface PanelSettings {
  /** Weight of the moving average drawn in front of the raw line, 0 (off) to 0.99. Default 0.6. */
  readonly smoothing?: number;
  /** Default `step`. */
  readonly axis?: XAxis;
  /** Default `auto`. */
  readonly theme?: PanelTheme;
}

/** What a panel shows, and how. */
export interface PanelOptions extends PanelSettings {
  /** The store to read from, or the name of one for `openStore(name)`. Default: `openStore()`. A store that the panel opened is closed with it. */
  readonly store?: MetricStore | string;
  /** Show the runs of this project. Default: all runs of the store. */
  readonly project?: string;
  /** Show only the runs with these ids. Default: all of the project. */
  readonly runs?: readonly string[];
}

/** Settings with every default filled in. */
export type ResolvedSettings = Required<PanelSettings>;

const defaults: ResolvedSettings = { smoothing: 0.6, axis: 'step', theme: 'auto' };

/** Fills in what is missing from `before` (the defaults at first) and refuses what makes no sense. `call` starts the message. */
export function resolveSettings(settings: PanelSettings, call: string, before: ResolvedSettings = defaults): ResolvedSettings {
  const { smoothing = before.smoothing, axis = before.axis, theme = before.theme } = settings;
  if (typeof smoothing !== 'number' || !(smoothing >= 0 && smoothing < 1)) {
    throw new LogError('bad-options', `${call}: smoothing is ${describe(smoothing)}, need 0 to 0.99. 0 turns it off.`);
  }
  if (!['step', 'relative', 'wall'].includes(axis)) {
    throw new LogError('bad-options', `${call}: axis is ${describe(axis)}, need 'step', 'relative' or 'wall'.`);
  }
  if (!['auto', 'light', 'dark'].includes(theme)) {
    throw new LogError('bad-options', `${call}: theme is ${describe(theme)}, need 'auto', 'light' or 'dark'.`);
  }
  return { smoothing: Math.min(smoothing, 0.99), axis, theme };
}
