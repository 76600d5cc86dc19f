import { formatDuration, formatNumber, formatTicks, formatTime, formatUnit, hourAndMinute } from './number-format.ts';
import type { XAxis } from './options.ts';

/** A mark on the x axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

const minute = 60;
const hour = 3600;
const day = 86_400;
const timeSteps: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
];

/** Round values between `min` and `max`, at most `count` of them, in steps of 1, 2, 2.5 or 5 times a power of ten, but no smaller than `smallest`. */
export function numberTicks(min: number, max: number, count: number, smallest = 0): readonly number[] {
  if (!(max > min)) return Number.isFinite(min) ? [min] : [];
  const rough = (max - min) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factors = smallest >= power ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10];
  const step = Math.max(smallest, (factors.find((factor) => factor * power >= rough * 0.999) ?? 10) * power);
  return multiples(min, max, step, 0);
}

/** Marks for one of the three x axes. */
export function axisTicks(axis: XAxis, min: number, max: number, count: number): readonly Tick[] {
  if (axis === 'step') return labelled(numberTicks(min, max, count, 1), (label) => label);
  const rough = (max - min) / Math.max(1, count);
  if (rough < 1 && axis === 'relative') return labelled(numberTicks(min, max, count), inSeconds);
  const step = timeSteps.find((seconds) => seconds >= rough) ?? Math.ceil(rough / day) * day;
  if (axis === 'relative') return multiples(min, max, step, 0).map((value) => ({ value, label: shortDuration(value, step) }));
  // Round times of the day are round in the reader's time zone, not in UTC.
  const offset = new Date(min * 1000).getTimezoneOffset() * minute;
  return multiples(min, max, step, offset).map((value) => ({ value, label: clockLabel(value, step) }));
}

function labelled(values: readonly number[], write: (label: string) => string): readonly Tick[] {
  const labels = formatTicks(values, 9);
  return values.map((value, row) => ({ value, label: write(labels[row] ?? '') }));
}

function multiples(min: number, max: number, step: number, offset: number): readonly number[] {
  const values: number[] = [];
  const start = Math.ceil((min - offset) / step - 1e-9);
  for (let index = start; index * step + offset <= max + step * 1e-9; index++) {
    // Multiplied, not added up: 0.1 added three times is not 0.3.
    values.push(Number((index * step).toPrecision(15)) + offset);
    if (values.length > 50) break;
  }
  return values;
}

// Where the unit stands is the language's choice.
function inSeconds(label: string): string {
  return formatUnit(0, 'second').replace(formatNumber(0), label);
}

function shortDuration(seconds: number, step: number): string {
  if (seconds === 0) return formatNumber(0);
  if (step % hour === 0 && Math.abs(seconds) < day) return formatUnit(Math.round(seconds / hour), 'hour');
  if (step % minute === 0 && Math.abs(seconds) < hour) return formatUnit(Math.round(seconds / minute), 'minute');
  return Math.abs(seconds) < minute ? formatUnit(Math.round(seconds), 'second') : formatDuration(seconds);
}

function clockLabel(wallTime: number, step: number): string {
  if (step >= day) return formatTime(wallTime, { month: 'short', day: 'numeric' });
  return step < minute ? formatTime(wallTime) : formatTime(wallTime, hourAndMinute);
}
