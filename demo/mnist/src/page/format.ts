/** `97.42 %`; a dash for what is not known. */
export function percent(part: number | undefined, places = 2): string {
  return part === undefined || Number.isNaN(part) ? '–' : `${(part * 100).toFixed(places)} %`;
}

/** `0:42`, `12:05` or `1:02:03` from seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Steps per second with three figures at most: `0.33`, `4.1`, `66`. */
export function rate(perSecond: number): string {
  if (perSecond <= 0) return '–';
  if (perSecond < 1) return perSecond.toFixed(2);
  return perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en');
}

/** `today 14:05`, `yesterday 09:30`, `3 Nov 14:05`, or with its year when that is another one. */
export function when(seconds: number, now: Date): string {
  const date = new Date(seconds * 1000);
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const days = Math.round((startOfDay(now) - startOfDay(date)) / 86_400_000);
  if (days === 0) return `today ${time}`;
  if (days === 1) return `yesterday ${time}`;
  const isThisYear = date.getFullYear() === now.getFullYear();
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) })} ${time}`;
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

const backendNames: Readonly<Record<string, string>> = { webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'WebAssembly', cpu: 'plain JavaScript' };

/** A backend's name for people. */
export function backendName(backend: string): string {
  return backendNames[backend] ?? backend;
}
