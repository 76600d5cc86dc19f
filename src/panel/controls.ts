import { element, setText } from './dom.ts';
import type { PanelSettings, ResolvedSettings, XAxis } from './options.ts';

const axes: readonly (readonly [XAxis, string, string])[] = [
  ['step', 'Step', 'Completed training steps'],
  ['relative', 'Relative', 'Time since each run started'],
  ['wall', 'Wall', 'Time of day'],
];

let groups = 0;

/** The bar above the charts: smoothing and x axis. */
export class Controls {
  readonly node: HTMLElement = element('div', 'controls');
  readonly #smoothing: HTMLInputElement = element('input');
  readonly #amount: HTMLOutputElement = element('output');
  readonly #axis = new Map<XAxis, HTMLInputElement>();

  constructor(settings: ResolvedSettings, onChange: (settings: PanelSettings) => void) {
    const smoothing = element('label', 'smoothing');
    Object.assign(this.#smoothing, { type: 'range', min: '0', max: '0.99', step: '0.01' });
    this.#smoothing.addEventListener('input', () => onChange({ smoothing: this.#smoothing.valueAsNumber }));
    smoothing.append(element('span', '', 'Smoothing'), this.#smoothing, this.#amount);
    smoothing.title = 'Weight of the moving average. The raw line stays faintly behind it.';
    const group = element('fieldset', 'segments');
    group.append(element('legend', '', 'X axis'));
    // Radio buttons of one name belong together within a tree; several panels may share one page.
    const name = `axis-${(groups += 1)}`;
    for (const [axis, text, title] of axes) {
      const label = element('label');
      const radio = element('input');
      Object.assign(radio, { type: 'radio', name, value: axis });
      radio.addEventListener('change', () => onChange({ axis }));
      label.title = title;
      label.append(radio, element('span', '', text));
      group.append(label);
      this.#axis.set(axis, radio);
    }
    this.node.append(smoothing, group);
    this.show(settings);
  }

  /** Takes over settings that were changed from outside. */
  show({ smoothing, axis }: ResolvedSettings): void {
    if (this.#smoothing.valueAsNumber !== smoothing) this.#smoothing.value = String(smoothing);
    setText(this.#amount, smoothing.toFixed(2));
    this.#smoothing.style.setProperty('--at', `${(smoothing / 0.99) * 100}%`);
    const radio = this.#axis.get(axis);
    if (radio) radio.checked = true;
  }
}
