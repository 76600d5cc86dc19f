const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A value for people: four significant digits, exponents only where digits would not help. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '∞';
  if (value === -Infinity) return '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) return minus(value.toExponential(2));
  if (Number.isInteger(value) || size >= 1e4) return minus(grouped.format(value));
  return minus(value.toPrecision(4));
}

/**
 * A value on an axis, rounded to `digits` significant digits. Its last digit stands at 10 to the power of `place`; by default there are no
 * zeros at its end.
 */
export function formatTick(value: number, digits = 4, place: number = placeOf(value, digits)): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  const fixed = (power: number): string => (rounded / 10 ** power).toFixed(Math.max(0, power - place));
  if (size >= 1e9 || size < 1e-4) return minus(rounded.toExponential(Math.max(0, exponentOf(rounded) - place)));
  if (size >= 1e6) return minus(`${fixed(6)}M`);
  if (size >= 1e4) return minus(`${fixed(3)}k`);
  return minus(size >= 1000 ? fixed(0).replace(/\d/, '$&,') : fixed(0));
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
  return minus(Number.isInteger(step) ? grouped.format(step) : trim(step));
}

/** A length of time in seconds: `4.2 s`, `2m 05s`, `1h 03m`, `2d 4h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatValue(seconds);
  const sign = seconds < 0 ? '−' : '';
  const size = Math.abs(seconds);
  if (size < 9.95) return `${sign}${size.toFixed(1)} s`;
  const whole = Math.round(size);
  if (whole < 60) return `${sign}${whole} s`;
  if (whole < 3600) return `${sign}${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  if (whole < 86400) return `${sign}${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
  return `${sign}${Math.floor(whole / 86400)}d ${Math.floor((whole % 86400) / 3600)}h`;
}

/** A moment of the day, in the reader's time zone: `14:05:09`. */
export function formatClock(wallTime: number): string {
  const date = new Date(wallTime * 1000);
  return Number.isNaN(date.getTime()) ? '' : `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function trim(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits)));
}

function two(count: number): string {
  return String(count).padStart(2, '0');
}

// A hyphen is narrower than a digit; the real sign keeps columns of numbers straight.
function minus(text: string): string {
  return text.replace('e+', 'e').replaceAll('-', '−');
}
