import { DIGIT_BYTES } from '../data/idx.ts';
import type { Digits } from '../data/mnist.ts';
import { byId, make, setText } from '../../../shared/dom.ts';
import { drawDigit } from './draw-digit.ts';
import { percent } from './format.ts';

/** Digits shown. */
export const GRID_DIGITS = 50;

/** The fifty test digits with what the network makes of them. */
export class DigitGrid {
  readonly #host: HTMLElement = byId('digits', HTMLElement);
  readonly #tally: HTMLElement = byId('tally', HTMLElement);
  readonly #tiles: { readonly button: HTMLButtonElement; readonly canvas: HTMLCanvasElement; readonly reading: HTMLElement }[] = [];
  readonly #onChoose: (ink: Uint8Array, label: number) => void;
  #digits: Digits | undefined;

  constructor(onChoose: (ink: Uint8Array, label: number) => void) {
    this.#onChoose = onChoose;
    for (let index = 0; index < GRID_DIGITS; index++) this.#addTile(index);
  }

  setDigits(digits: Digits): void {
    this.#digits = digits;
    this.#tiles.forEach(({ button, canvas }, index) => {
      drawDigit(canvas, digits.images.subarray(index * DIGIT_BYTES, (index + 1) * DIGIT_BYTES));
      button.disabled = false;
      button.setAttribute('aria-label', `A ${digits.labels[index]}, not read yet`);
    });
  }

  /** Ten probabilities for each digit. */
  setReadings(probabilities: Float32Array): void {
    const digits = this.#digits;
    if (digits === undefined) return;
    let right = 0;
    this.#tiles.forEach(({ button, reading }, index) => {
      const { best, share } = bestOf(probabilities.subarray(index * 10, index * 10 + 10));
      const isRight = best === digits.labels[index];
      if (isRight) right++;
      button.dataset['verdict'] = isRight ? 'right' : 'wrong';
      setText(reading, isRight ? String(best) : `✗ ${best}`);
      const sentence = `A ${digits.labels[index]}, read as ${best} (${percent(share, 0)} sure)${isRight ? '' : ', wrong'}`;
      button.setAttribute('aria-label', sentence);
      button.title = sentence;
    });
    setText(this.#tally, `${right} of ${GRID_DIGITS} right`);
  }

  /** Takes the readings away, for a new network. */
  clearReadings(): void {
    for (const { button, reading } of this.#tiles) {
      delete button.dataset['verdict'];
      setText(reading, '·');
    }
    setText(this.#tally, 'not read yet');
  }

  /** No digit stays marked as chosen. */
  clearChoice(): void {
    for (const { button } of this.#tiles) button.setAttribute('aria-pressed', 'false');
  }

  #addTile(index: number): void {
    const canvas = make('canvas', { width: '28', height: '28', 'aria-hidden': 'true' });
    const reading = make('span', { class: 'digit-reading', 'aria-hidden': 'true' }, '·');
    const button = make(
      'button',
      { type: 'button', class: 'digit', 'aria-pressed': 'false', 'aria-label': 'Loading', disabled: '' },
      canvas,
      reading,
    );
    button.addEventListener('click', () => this.#choose(index));
    this.#tiles.push({ button, canvas, reading });
    this.#host.append(button);
  }

  #choose(index: number): void {
    const digits = this.#digits;
    if (digits === undefined) return;
    this.clearChoice();
    this.#tiles[index]?.button.setAttribute('aria-pressed', 'true');
    this.#onChoose(digits.images.subarray(index * DIGIT_BYTES, (index + 1) * DIGIT_BYTES), digits.labels[index] ?? 0);
  }
}

/** The most probable digit and its probability. */
export function bestOf(probabilities: ArrayLike<number>): { readonly best: number; readonly share: number } {
  let best = 0;
  for (let digit = 1; digit < 10; digit++) if ((probabilities[digit] ?? 0) > (probabilities[best] ?? 0)) best = digit;
  return { best, share: probabilities[best] ?? 0 };
}
