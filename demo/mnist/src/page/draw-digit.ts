import { DIGIT_BYTES, DIGIT_SIDE } from '../data/idx.ts';

/** Draws one digit black on nothing; the style sheet turns it over in the dark. */
export function drawDigit(canvas: HTMLCanvasElement, ink: Uint8Array): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const picture = new ImageData(DIGIT_SIDE, DIGIT_SIDE);
  for (let i = 0; i < DIGIT_BYTES; i++) picture.data[i * 4 + 3] = ink[i] ?? 0;
  context.putImageData(picture, 0, 0);
}
