import type { BarProgress, TrainProgress } from './train-events.ts';
import { sayOfBar, sayOfBarItems } from './core-words.ts';

/** What a progress bar shows beside the counts, in its order. */
export type BarItems = Readonly<Record<string, number | string>>;

/** What `getMetrics` is given. */
export interface BarContext {
  /** What would be shown without it: `v_num` and the values logged with `progBar: true`. A copy, to be changed at will. */
  readonly items: Record<string, number | string>;
  readonly progress: TrainProgress;
}

/** Which items a bar shows. */
export interface BarItemOptions {
  /** Gives what is shown, as Lightning's `get_metrics`: `({ items: { v_num, ...rest } }) => rest`. Default: `items` as they are. */
  readonly getMetrics?: (context: BarContext) => BarItems;
  /** Names to leave out, e.g. `['v_num']`. Default: none. */
  readonly hide?: readonly string[];
  /** Told once per name that stands for two things. Default: nobody. */
  readonly warn?: (key: string, text: string) => void;
}

/** A version longer than this is cut to its end. */
const versionLength = 4;

/**
 * The version of several loggers as one: the only one, or the distinct ones joined by `_`; of a text its last four characters.
 * Undefined when no logger has one. As Lightning's `get_standard_metrics`.
 */
export function barVersion(versions: readonly (number | string | undefined)[]): number | string | undefined {
  const distinct = [...new Set(versions.filter((version) => version !== undefined && version !== ''))];
  if (distinct.length <= 1) {
    const [only] = distinct;
    return typeof only === 'string' ? only.slice(-versionLength) : only;
  }
  return distinct.join('_').slice(-versionLength);
}

/** The items of a bar: `v_num`, then what was logged for it. A value logged under a name that is taken wins, with a warning. */
export function barItems(progress: TrainProgress, options: BarItemOptions = {}): BarItems {
  const { bar } = progress;
  const { getMetrics, hide = [], warn } = options;
  const version = bar?.version;
  const metrics = bar?.metrics ?? {};
  const standard: Record<string, number | string> = version === undefined ? {} : { v_num: version };
  if (warn !== undefined && Object.keys(standard).some((name) => Object.hasOwn(metrics, name))) {
    warn('bar:v_num', sayOfBarItems('bar:v_num'));
  }
  const items: Record<string, number | string> = { ...standard, ...metrics };
  const shown = getMetrics === undefined ? items : { ...getMetrics({ items, progress }) };
  return hide.length === 0 ? shown : Object.fromEntries(Object.entries(shown).filter(([name]) => !hide.includes(name)));
}

/** Texts shorter than this are padded, so that a line does not jump. */
const padLength = 5;

/**
 * A value in a bar: three significant digits, or its plain form when that is no longer, padded with zeros to five characters:
 * `0.123`, `1.000`, `1.23e+4`. Texts that are numbers are padded, too. The rules of tqdm and of Lightning's `Tqdm.format_num`, which
 * differ for NaN and infinities: those are not padded here.
 */
export function formatBarValue(value: number | string): string {
  const isNumber = typeof value === 'number';
  const text = isNumber ? shorter(value) : value;
  if (text.includes('e') || text.length >= padLength || text.trim() === '' || !Number.isFinite(Number(text))) return text;
  return (text.includes('.') ? text : `${text}.`).padEnd(padLength, '0');
}

/** An item as it stands in the line: versions are names, not quantities. */
export function formatBarItem(name: string, value: number | string): string {
  return name === 'v_num' ? String(value) : formatBarValue(value);
}

/** Python's `f'{value:.3g}'` with tqdm's short exponents, or `repr(value)` where that is not longer. */
function shorter(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [mantissa = '0', exponentText = '0'] = value.toExponential(2).split('e');
  const exponent = Number(exponentText);
  const isSmall = exponent < -4;
  const short =
    isSmall || exponent >= 3
      ? `${trimZeros(mantissa)}e${isSmall ? '-' : '+'}${Math.abs(exponent)}`
      : trimZeros(value.toFixed(Math.max(0, 2 - exponent)));
  const plain = repr(value);
  return short.length < plain.length ? short : plain;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A float as Python writes it. */
function repr(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e');
    return `${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `00:09`, `1:02:03`; from milliseconds. As tqdm's `format_interval`. */
export function formatInterval(milliseconds: number): string {
  const whole = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (count: number): string => String(count).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** ` 3.21it/s`, never seconds per iteration; `?it/s` while unknown. */
export function formatRate(itPerSec: number): string {
  return `${itPerSec > 0 ? itPerSec.toFixed(2).padStart(5) : '?'}it/s`;
}

/** What stands before the bar: `Epoch 1`, `Validation DataLoader 0`, with the name of a dataloader that has one. */
export function barDescription(bar: BarProgress, epoch: number): string {
  if (bar.stage === 'train') return sayOfBar('bar-train', { epoch: String(epoch) });
  return sayOfBar(`bar-${bar.stage}`, { loader: String(bar.dataloaderName ?? bar.dataloaderIdx ?? 0) });
}

const blocks = ' ▏▎▍▌▋▊▉█';

/** A bar of so many characters, in eighths of one: `██▌ `. `share` is 0…1. */
export function drawBar(share: number, width: number): string {
  const eighths = Math.floor(Math.min(1, Math.max(0, share)) * width * 8);
  const full = Math.floor(eighths / 8);
  const rest = full < width ? (blocks[eighths % 8] ?? '') : '';
  return `${blocks[8]}`.repeat(full) + rest + ' '.repeat(Math.max(0, width - full - rest.length));
}

/** How {@link barLine} writes. */
export interface BarLineOptions extends BarItemOptions {
  /** Characters between the two strokes. Default 10. */
  readonly width?: number;
}

/**
 * The line of tqdm: `Epoch 1:  25%|██▌ | 10/40 [00:03<00:09,  3.21it/s, v_num=0, train_loss=0.123]`; with data that do not say their
 * length `Epoch 1: 10it [00:03,  3.21it/s]`. Empty for a progress without a bar.
 */
export function barLine(progress: TrainProgress, options: BarLineOptions = {}): string {
  const { bar, epoch } = progress;
  if (bar === undefined) return '';
  const { batch, totalBatches, elapsedMs, remainingMs, itPerSec } = bar;
  // A bar of an evaluation within a training has none: they stand in the one of the training.
  const items = bar.outer === undefined ? Object.entries(barItems(progress, options)) : [];
  const after = [formatRate(itPerSec), ...items.map(([name, value]) => `${name}=${formatBarItem(name, value)}`)].join(', ');
  const before = `${barDescription(bar, epoch)}: `;
  if (totalBatches === undefined) return `${before}${batch}it [${formatInterval(elapsedMs)}, ${after}]`;
  const share = totalBatches === 0 ? 1 : batch / totalBatches;
  const percentage = (share * 100).toFixed(0).padStart(3);
  const times = `${formatInterval(elapsedMs)}<${remainingMs === undefined ? '?' : formatInterval(remainingMs)}`;
  return `${before}${percentage}%|${drawBar(share, options.width ?? 10)}| ${batch}/${totalBatches} [${times}, ${after}]`;
}
