import { byId, make } from '../../../shared/dom.ts';
import { backends, models, readable, scales, settingsFromQuery, queryFromSettings, stopsWith } from './settings.ts';
import type { NumberSetting, Settings } from './settings.ts';

/** What the sliders and choices tell the page. */
export interface ControlEvents {
  /** Any setting changed; `isTraining` says whether it did so during a run (then it is the learning rate). */
  onChange(settings: Settings): void;
  onTrain(): void;
  onStop(): void;
}

interface Slider {
  readonly input: HTMLInputElement;
  readonly output: HTMLOutputElement;
  readonly stops: readonly number[];
}

const order: readonly NumberSetting[] = ['digits', 'epochs', 'batchSize', 'learningRate'];

/** The set-up card: sliders, choices, train and stop. Keeps the settings in the page's address, so a reload finds them again. */
export class Controls {
  readonly #form: HTMLFormElement = byId('settings', HTMLFormElement);
  readonly #train: HTMLButtonElement = byId('train', HTMLButtonElement);
  readonly #trainLabel: HTMLElement = byId('train-label', HTMLElement);
  readonly #stop: HTMLButtonElement = byId('stop', HTMLButtonElement);
  readonly #modelHint: HTMLElement = byId('model-hint', HTMLElement);
  readonly #backendHint: HTMLElement = byId('backend-hint', HTMLElement);
  readonly #sliders = new Map<NumberSetting, Slider>();
  #settings: Settings;

  constructor(events: ControlEvents) {
    this.#settings = settingsFromQuery(new URLSearchParams(location.search));
    for (const name of order) this.#addSlider(name);
    this.#choose('model', this.#settings.model);
    this.#choose('backend', this.#settings.backend);
    this.#form.addEventListener('input', () => {
      this.#read();
      this.#hint();
      history.replaceState(null, '', addressOf(this.#settings));
      events.onChange(this.#settings);
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#train.ariaDisabled !== 'true') events.onTrain();
    });
    this.#stop.addEventListener('click', () => events.onStop());
    this.#hint();
  }

  get settings(): Settings {
    return this.#settings;
  }

  /**
   * Fits the buttons to what is going on. While something is, Train says so and cannot start a second run, and all settings
   * but the learning rate are fixed.
   */
  show(activity: { readonly label: string; readonly isBusy: boolean; readonly canStop: boolean }): void {
    this.#trainLabel.textContent = activity.label;
    // Only until the program is there: the page comes first, and a click that nobody hears would be lost.
    this.#train.disabled = false;
    // aria-disabled keeps the keyboard's focus where it is, `disabled` would drop it.
    this.#train.ariaDisabled = String(activity.isBusy);
    this.#train.dataset['busy'] = String(activity.isBusy);
    this.#stop.disabled = !activity.canStop;
    for (const [name, { input }] of this.#sliders) input.disabled = activity.isBusy && name !== 'learningRate';
    this.#field('model').disabled = activity.isBusy;
    this.#select('backend').disabled = activity.isBusy;
  }

  #addSlider(name: NumberSetting): void {
    const scale = scales[name];
    const stops = stopsWith(scale, this.#settings[name]);
    const input = make('input', { type: 'range', id: `set-${name}`, name, min: '0', max: String(stops.length - 1), step: '1' });
    input.value = String(stops.indexOf(this.#settings[name]));
    const output = make('output', { for: input.id });
    const row = make('div', { class: 'slider' }, make('label', { for: input.id }, scale.label), output, input);
    if (name === 'learningRate') row.append(make('p', { class: 'hint slider-note' }, 'Can be moved while it trains.'));
    byId('sliders', HTMLElement).append(row);
    this.#sliders.set(name, { input, output, stops });
    this.#showValue(name);
  }

  #showValue(name: NumberSetting): void {
    const slider = this.#sliders.get(name);
    if (slider === undefined) return;
    const text = readable(this.#settings[name]);
    slider.output.value = text;
    slider.input.setAttribute('aria-valuetext', text);
  }

  #read(): void {
    const numbers: Partial<Record<NumberSetting, number>> = {};
    for (const [name, { input, stops }] of this.#sliders) numbers[name] = stops[Number(input.value)] ?? this.#settings[name];
    const choice = new FormData(this.#form);
    // A disabled field is not part of the form's data: then the setting stays.
    const model = models.find((one) => one === choice.get('model')) ?? this.#settings.model;
    const backend = backends.find((one) => one === choice.get('backend')) ?? this.#settings.backend;
    this.#settings = { ...this.#settings, ...numbers, model, backend };
    for (const name of order) this.#showValue(name);
  }

  #hint(): void {
    const { model, backend } = this.#settings;
    for (const option of this.#select('backend').options) if (option.value === 'wasm') option.disabled = model === 'cnn';
    for (const radio of this.#field('model').querySelectorAll('input')) radio.disabled = radio.value === 'cnn' && backend === 'wasm';
    this.#modelHint.textContent = {
      auto: 'The CNN where there is a GPU, the smaller MLP where there is none.',
      mlp: '784-128-10: 101,770 weights, each pixel to each neuron. Quick everywhere.',
      cnn: 'Two layers of small filters, then 10 neurons. Better, and heavy without a GPU.',
    }[model];
    this.#backendHint.textContent = {
      auto: 'A real GPU first, then WebAssembly.',
      webgpu: 'The GPU through the newest interface. The first step compiles.',
      webgl: 'The GPU through an older interface. The first step compiles.',
      wasm: 'The processor, with vector instructions. It cannot train the CNN.',
      cpu: 'The processor, slowly. Works everywhere.',
    }[backend];
  }

  #choose(name: 'model' | 'backend', value: string): void {
    if (name === 'backend') this.#select(name).value = value;
    else for (const radio of this.#form.querySelectorAll<HTMLInputElement>(`input[name=${name}]`)) radio.checked = radio.value === value;
  }

  #select(name: string): HTMLSelectElement {
    return this.#form.querySelector<HTMLSelectElement>(`select[name=${name}]`) ?? missing(name);
  }

  #field(name: string): HTMLFieldSetElement {
    return this.#form.querySelector<HTMLFieldSetElement>(`fieldset[data-setting=${name}]`) ?? missing(name);
  }
}

function addressOf(settings: Settings): string {
  const query = queryFromSettings(settings).toString();
  return query === '' ? location.pathname : `?${query}`;
}

function missing(name: string): never {
  throw new Error(`internal: the page has no field for ${name}`);
}
