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

/** A value on an axis: no digit more than needed to tell neighbours apart. */
export function formatTick(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) return minus(value.toExponential(1).replace('.0e', 'e'));
  if (size >= 1e6) return minus(`${trim(value / 1e6)}M`);
  if (size >= 1e4) return minus(`${trim(value / 1e3)}k`);
  return minus(size >= 1000 ? grouped.format(value) : trim(value));
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

function trim(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function two(count: number): string {
  return String(count).padStart(2, '0');
}

// A hyphen is narrower than a digit; the real sign keeps columns of numbers straight.
function minus(text: string): string {
  return text.replace('e+', 'e').replaceAll('-', '−');
}
