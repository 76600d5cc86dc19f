import { DrawPad } from '../draw/draw-pad.ts';
import { bestOf } from './digit-grid.ts';
import { byId, make, setText } from '../../../shared/dom.ts';
import { drawDigit } from './draw-digit.ts';
import { percent } from './format.ts';

/** Reads one digit: ten probabilities, or undefined when there is no trained network yet. */
export type Classify = (digit: Uint8Array) => Promise<Float32Array | undefined>;

/** The writing field with the ten bars beside it. */
export class Reader {
  readonly #pad: DrawPad;
  readonly #classify: Classify;
  readonly #invitation: HTMLElement = byId('invitation', HTMLElement);
  readonly #verdict: HTMLElement = byId('verdict', HTMLElement);
  readonly #seen: HTMLCanvasElement = byId('seen', HTMLCanvasElement);
  readonly #bars: { readonly row: HTMLElement; readonly fill: HTMLElement; readonly share: HTMLElement }[] = [];
  /** The digit that is shown, drawn here or chosen from the grid. */
  #digit: Uint8Array | undefined;
  /** What the digit is, when it comes from the grid. */
  #label: number | undefined;
  #isReading = false;
  #isReadAgain = false;

  constructor(classify: Classify, onDraw: () => void) {
    this.#classify = classify;
    for (let digit = 0; digit < 10; digit++) this.#addBar(digit);
    this.#pad = new DrawPad(byId('pad', HTMLCanvasElement), () => {
      onDraw();
      this.#invitation.hidden = !this.#pad.isEmpty;
      this.#show(this.#pad.toDigit(), undefined);
    });
    byId('clear', HTMLButtonElement).addEventListener('click', () => this.#pad.clear());
    this.#showVerdict(undefined);
  }

  /** Shows a digit of the test set with its probabilities. */
  inspect(digit: Uint8Array, label: number): void {
    if (!this.#pad.isEmpty) this.#pad.clear();
    this.#show(digit, label);
  }

  /** Reads the shown digit again, for a network that has learned since. Reads one at a time; the newest wish wins. */
  async read(): Promise<void> {
    this.#isReadAgain = true;
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#isReadAgain) {
        this.#isReadAgain = false;
        const digit = this.#digit;
        const probabilities = digit === undefined ? undefined : await this.#classify(digit);
        if (digit === this.#digit) this.#showVerdict(probabilities);
      }
    } finally {
      this.#isReading = false;
    }
  }

  #show(digit: Uint8Array | undefined, label: number | undefined): void {
    this.#digit = digit;
    this.#label = label;
    this.#seen.dataset['filled'] = String(digit !== undefined);
    if (digit === undefined) this.#seen.getContext('2d')?.clearRect(0, 0, 28, 28);
    else drawDigit(this.#seen, digit);
    void this.read();
  }

  #showVerdict(probabilities: Float32Array | undefined): void {
    if (probabilities === undefined) {
      setText(
        this.#verdict,
        this.#digit === undefined ? 'The network’s guess will stand here.' : 'Nobody here can read yet. Press Train first.',
      );
    }
    const { best, share } = bestOf(probabilities ?? []);
    this.#bars.forEach(({ row, fill, share: text }, digit) => {
      const value = probabilities?.[digit];
      fill.style.transform = `scaleX(${value ?? 0})`;
      setText(text, value === undefined ? '' : percent(value, 0));
      row.dataset['best'] = String(value !== undefined && digit === best);
    });
    if (probabilities === undefined) return;
    const certainty = share > 0.9 ? `That is a ${best}.` : share > 0.5 ? `Probably a ${best}.` : `Hard to say. Perhaps a ${best}.`;
    const truth = this.#label === undefined ? '' : this.#label === best ? ' Right.' : ` Wrong, it is a ${this.#label}.`;
    setText(this.#verdict, certainty + truth);
  }

  #addBar(digit: number): void {
    const fill = make('div', { class: 'bar-fill' });
    const share = make('span', { class: 'bar-share' });
    const row = make('li', {}, make('span', {}, String(digit)), make('div', { class: 'bar' }, fill), share);
    this.#bars.push({ row, fill, share });
    byId('bars', HTMLOListElement).append(row);
  }
}
