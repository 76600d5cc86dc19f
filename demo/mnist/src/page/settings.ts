/** What the person in front of the page has chosen. */
export interface Settings {
  readonly model: 'auto' | 'mlp' | 'cnn';
  readonly backend: 'auto' | 'webgpu' | 'webgl' | 'wasm' | 'cpu';
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
  /** Training digits, 1 to 60,000. */
  readonly digits: number;
}

export const models: readonly Settings['model'][] = ['auto', 'mlp', 'cnn'];
export const backends: readonly Settings['backend'][] = ['auto', 'webgpu', 'webgl', 'wasm', 'cpu'];

/** The four settings that are numbers. */
export type NumberSetting = 'learningRate' | 'batchSize' | 'epochs' | 'digits';

/** A slider: the stops it has, and how their values read. */
export interface Scale {
  readonly label: string;
  /** Ascending. */
  readonly stops: readonly number[];
  readonly min: number;
  readonly max: number;
  /** Name in the page's address. */
  readonly query: string;
  readonly isWhole: boolean;
}

export const scales: Readonly<Record<NumberSetting, Scale>> = {
  learningRate: { label: 'Learning rate', stops: rates(), min: 1e-6, max: 1, query: 'lr', isWhole: false },
  batchSize: { label: 'Batch size', stops: [8, 16, 32, 64, 128, 256, 512], min: 1, max: 1024, query: 'batch', isWhole: true },
  epochs: { label: 'Epochs', stops: [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20], min: 1, max: 200, query: 'epochs', isWhole: true },
  digits: {
    label: 'Training digits',
    stops: [500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000],
    min: 1,
    max: 60_000,
    query: 'limit',
    isWhole: true,
  },
};

export const defaults: Settings = { model: 'auto', backend: 'auto', learningRate: 2e-3, batchSize: 64, epochs: 3, digits: 60_000 };

/** Five stops per power of ten, from 0.00001 to 0.1. */
function rates(): number[] {
  const stops: number[] = [];
  for (let power = -5; power < -1; power++) for (const factor of [1, 2, 3, 5, 7]) stops.push(Number(`${factor}e${power}`));
  return [...stops, 0.1];
}

/** The stops of a scale with `value` among them, so that a value from the address is kept as it is. */
export function stopsWith(scale: Scale, value: number): readonly number[] {
  return scale.stops.includes(value) ? scale.stops : [...scale.stops, value].sort((a, b) => a - b);
}

/** `60,000` or `0.0003`. */
export function readable(value: number): string {
  return value >= 1 ? value.toLocaleString('en') : String(Number(value.toPrecision(3)));
}

/** Settings from a page's address (`?model=mlp&limit=512`); what is missing or out of range keeps its default. */
export function settingsFromQuery(query: URLSearchParams): Settings {
  const backend = oneOf(backends, query.get('backend')) ?? defaults.backend;
  const model = oneOf(models, query.get('model')) ?? defaults.model;
  return {
    // WebAssembly has no kernels for the gradients of convolutions.
    model: model === 'cnn' && backend === 'wasm' ? 'auto' : model,
    backend,
    learningRate: numberFrom(query, 'learningRate'),
    batchSize: numberFrom(query, 'batchSize'),
    epochs: numberFrom(query, 'epochs'),
    digits: numberFrom(query, 'digits'),
  };
}

/** The other way round: only what differs from the defaults, so that the plain address means the plain page. */
export function queryFromSettings(settings: Settings): URLSearchParams {
  const query = new URLSearchParams();
  if (settings.model !== defaults.model) query.set('model', settings.model);
  if (settings.backend !== defaults.backend) query.set('backend', settings.backend);
  for (const name of ['digits', 'epochs', 'batchSize', 'learningRate'] as const) {
    if (settings[name] !== defaults[name]) query.set(scales[name].query, String(settings[name]));
  }
  return query;
}

function oneOf<T extends string>(choices: readonly T[], text: string | null): T | undefined {
  return choices.find((choice) => choice === text);
}

function numberFrom(query: URLSearchParams, name: NumberSetting): number {
  const scale = scales[name];
  const text = query.get(scale.query);
  const value = Number(text);
  const isFit = text !== null && text !== '' && value >= scale.min && value <= scale.max && (!scale.isWhole || Number.isInteger(value));
  return isFit ? value : defaults[name];
}
