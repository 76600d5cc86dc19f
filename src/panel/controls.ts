import { element, setText, worded, wordedElement } from './dom.ts';
import { formatDigits } from './number-format.ts';
import type { PanelSettings, ResolvedSettings, XAxis } from './options.ts';
import { sayOfPanel } from './words.ts';

const axes: readonly XAxis[] = ['step', 'relative', 'wall'];

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
    smoothing.append(
      wordedElement('span', '', () => sayOfPanel('smoothing')),
      this.#smoothing,
      this.#amount,
    );
    worded(smoothing, () => (smoothing.title = sayOfPanel('smoothing-title')));
    // The amount is written with the settings, but its decimal point is the language's.
    worded(this.#amount, (amount) => setText(amount, formatDigits(this.#smoothing.valueAsNumber.toFixed(2))));
    const group = element('fieldset', 'segments');
    group.append(wordedElement('legend', '', () => sayOfPanel('axis')));
    // Radio buttons of one name belong together within a tree; several panels may share one page.
    const name = `axis-${(groups += 1)}`;
    for (const axis of axes) {
      const label = element('label');
      const radio = element('input');
      Object.assign(radio, { type: 'radio', name, value: axis });
      radio.addEventListener('change', () => onChange({ axis }));
      worded(label, () => (label.title = sayOfPanel(`axis-${axis}-title`)));
      label.append(
        radio,
        wordedElement('span', '', () => sayOfPanel(`axis-${axis}`)),
      );
      group.append(label);
      this.#axis.set(axis, radio);
    }
    this.node.append(smoothing, group);
    this.show(settings);
  }

  /** Takes over settings that were changed from outside. */
  show({ smoothing, axis }: ResolvedSettings): void {
    if (this.#smoothing.valueAsNumber !== smoothing) this.#smoothing.value = String(smoothing);
    setText(this.#amount, formatDigits(smoothing.toFixed(2)));
    this.#smoothing.style.setProperty('--at', `${(smoothing / 0.99) * 100}%`);
    const radio = this.#axis.get(axis);
    if (radio) radio.checked = true;
  }
}
