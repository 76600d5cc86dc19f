/**
 * A number as Python prints a float: the shortest text that reads back as the same float64, with `.0` behind whole ones (`1.0`),
 * an exponent of two digits below 1e-4 and from 1e16 on (`1e-07`, `1e+16`), and `nan`, `inf`, `-inf`.
 */
export function pythonFloat(value: number): string {
  if (value !== value) return 'nan';
  if (value === Infinity || value === -Infinity) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
