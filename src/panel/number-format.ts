import { currentLanguage } from '../core/words.ts';

// Numbers are written anew with every picture: making a format for each would cost more than the picture.
const formats = new Map<string, Intl.NumberFormat>();

/** A number as the language writes it. */
export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  const { locale } = currentLanguage();
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.NumberFormat(locale, options)));
  return minus(format.format(value));
}

/** A text of digits, as programs write numbers (`1.50`, `2.5e-7`), with each of its numbers as the language writes it. */
export function formatDigits(text: string, useGrouping = false): string {
  return minus(text).replaceAll(/\d+(?:\.(\d+))?/g, (part, decimals: string | undefined) =>
    formatNumber(Number(part), { minimumFractionDigits: decimals?.length ?? 0, maximumFractionDigits: 20, useGrouping }),
  );
}

/** A whole number, with thousands set apart. */
export function formatCount(count: number): string {
  return formatNumber(count, { maximumFractionDigits: 0 });
}

/** A share of 0…1 in whole percent, never rounded up: 100 % means done. */
export function formatPercent(share: number): string {
  return formatNumber(Math.floor(share * 100) / 100, { style: 'percent' });
}

/** A value for people: four significant digits, exponents only where digits would not help. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '∞';
  if (value === -Infinity) return '−∞';
  if (value === 0) return formatCount(0);
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) return formatDigits(value.toExponential(2));
  if (Number.isInteger(value) || size >= 1e4) return formatCount(value);
  return formatDigits(value.toPrecision(4), true);
}

/**
 * A value on an axis, rounded to `digits` significant digits. Its last digit stands at 10 to the power of `place`; by default there are no
 * zeros at its end.
 */
export function formatTick(value: number, digits = 4, place: number = placeOf(value, digits)): string {
  if (value === 0) return formatCount(0);
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  const fixed = (power: number): string => (rounded / 10 ** power).toFixed(Math.max(0, power - place));
  if (size >= 1e9 || size < 1e-4) return formatDigits(rounded.toExponential(Math.max(0, exponentOf(rounded) - place)));
  if (size >= 1e6) return formatDigits(`${fixed(6)}M`);
  if (size >= 1e4) return formatDigits(`${fixed(3)}k`);
  return formatDigits(fixed(0), true);
}

/**
 * The labels of the ticks of one axis, in rising order: as many digits as it takes to tell neighbours apart, down to the same place in all
 * of them. Where that would be more than `longest` characters (signs aside) the lowest tick is written out, with `~` when it is rounded,
 * and the others as what is added to it.
 */
export function formatTicks(values: readonly number[], longest = 7): readonly string[] {
  const [base = 0, second = base, ...others] = values;
  const allowed = (second - base) * 0.01;
  const isTrue = (value: number, digits: number): boolean => Math.abs(Number(value.toPrecision(digits)) - value) <= allowed;
  for (let digits = 4; digits <= longest; digits++) {
    if (!values.every((value) => isTrue(value, digits))) continue;
    const labels = alike(values, digits);
    if (labels.every((label) => label.replace(/^−/, '').length <= longest)) return labels;
    break;
  }
  if (values.length < 2) return values.map((value) => formatTick(value));
  const added = alike([second, ...others].map((value) => value - base)).map((label) => `+${label}`);
  return [`${isTrue(base, 4) ? '' : '~'}${formatTick(base)}`, ...added];
}

function alike(values: readonly number[], digits = 4): readonly string[] {
  const place = Math.min(...values.map((value) => placeOf(value, digits)));
  return values.map((value) => formatTick(value, digits, place));
}

/** The power of ten of the last digit that is not zero; Infinity for 0. */
function placeOf(value: number, digits: number): number {
  if (value === 0) return Infinity;
  const rounded = Number(value.toPrecision(digits));
  const [mantissa = ''] = rounded.toExponential().split('e');
  return exponentOf(rounded) - (mantissa.split('.')[1]?.length ?? 0);
}

function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

/** A step, with thousands set apart. */
export function formatStep(step: number): string {
  return Number.isInteger(step) ? formatCount(step) : formatDigits(String(Number(step.toPrecision(4))));
}

/** A number of a unit that `Intl.NumberFormat` knows, as short as the language has it: `5s`, `05s` with two digits. */
export function formatUnit(value: number, unit: string, options: Intl.NumberFormatOptions = {}): string {
  return formatNumber(value, { style: 'unit', unit, unitDisplay: 'narrow', ...options });
}

const two: Intl.NumberFormatOptions = { minimumIntegerDigits: 2 };

/** A length of time in seconds: `4.2s`, `2m 05s`, `1h 03m`, `2d 4h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatValue(seconds);
  const sign = seconds < 0 ? '−' : '';
  const size = Math.abs(seconds);
  const whole = Math.round(size);
  const inMinutes = Math.floor(whole / 60);
  const inHours = Math.floor(whole / 3600);
  if (size < 9.95) return sign + formatUnit(size, 'second', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (whole < 60) return sign + formatUnit(whole, 'second');
  if (whole < 3600) return `${sign}${formatUnit(inMinutes, 'minute')} ${formatUnit(whole % 60, 'second', two)}`;
  if (whole < 86400) return `${sign}${formatUnit(inHours, 'hour')} ${formatUnit(inMinutes % 60, 'minute', two)}`;
  return `${sign}${formatUnit(Math.floor(inHours / 24), 'day')} ${formatUnit(inHours % 24, 'hour')}`;
}

/** A moment, in the reader's time zone; empty for none. Default: the time of day, `14:05:09`. */
export function formatTime(wallTime: number, options: Intl.DateTimeFormatOptions = clock): string {
  const date = new Date(wallTime * 1000);
  return Number.isNaN(date.getTime()) ? '' : date.toLocaleString(currentLanguage().locale, options);
}

/** Hours and minutes, as on a clock of 24 hours: what stands in a chart has no room for more. */
export const hourAndMinute: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const clock: Intl.DateTimeFormatOptions = { ...hourAndMinute, second: '2-digit' };

// A hyphen is narrower than a digit; the real sign keeps columns of numbers straight.
function minus(text: string): string {
  return text.replace('e+', 'e').replaceAll('-', '−');
}
