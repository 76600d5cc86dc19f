import { element } from './dom.ts';

/** What happens on a plot, in pixels of the plot. */
export interface PlotListener {
  /** The plot without its axes; undefined before the first draw. */
  area(): { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number } | undefined;
  /** The pointer, or the keyboard (`isSpoken`), stands here. */
  read(x: number, y: number, isSpoken: boolean): void;
  leave(): void;
  /** A stretch was dragged out. */
  select(from: number, to: number): void;
  /** A double click, or Escape. */
  reset(): void;
}

// Shorter drags are clicks with an unsteady hand.
const shortestDrag = 8;

/**
 * Pointer and keyboard on a plot: a line at the pointer, a drag to zoom, a double click back, arrow keys to read. The marks are elements above
 * the canvas, so that moving the pointer draws no chart.
 */
export class PlotPointer {
  readonly #plot: HTMLElement;
  readonly #listener: PlotListener;
  readonly #line: HTMLElement = element('div', 'crosshair');
  readonly #selection: HTMLElement = element('div', 'selection');
  readonly #ended = new AbortController();
  #at: { readonly x: number; readonly y: number; readonly isSpoken: boolean } | undefined;
  #dragFrom: number | undefined;
  #frame = 0;

  constructor(plot: HTMLElement, listener: PlotListener) {
    this.#plot = plot;
    this.#listener = listener;
    this.#line.hidden = this.#selection.hidden = true;
    plot.append(this.#selection, this.#line);
    const { signal } = this.#ended;
    plot.addEventListener('pointermove', (event) => this.#moved(event), { signal });
    plot.addEventListener('pointerdown', (event) => this.#pressed(event), { signal });
    plot.addEventListener('pointerup', (event) => this.#released(event), { signal });
    plot.addEventListener('pointercancel', () => this.#leave(), { signal });
    plot.addEventListener('pointerleave', () => this.#leave(), { signal });
    plot.addEventListener('blur', () => this.#leave(), { signal });
    plot.addEventListener('dblclick', () => listener.reset(), { signal });
    plot.addEventListener('keydown', (event) => this.#key(event), { signal });
  }

  /** Reads again where the pointer stands: the numbers below it have changed. */
  refresh(): void {
    if (this.#at && !this.#at.isSpoken) this.#show(this.#at.x, this.#at.y, false);
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#ended.abort();
  }

  #moved(event: PointerEvent): void {
    const box = this.#plot.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    // Pointers report more often than the screen shows.
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#show(x, y, false));
  }

  #show(x: number, y: number, isSpoken: boolean): void {
    const area = this.#listener.area();
    if (!area) return;
    const inside = Math.min(area.right, Math.max(area.left, x));
    this.#at = { x: inside, y, isSpoken };
    this.#line.hidden = false;
    this.#line.style.transform = `translateX(${Math.round(inside)}px)`;
    this.#line.style.top = `${area.top}px`;
    this.#line.style.height = `${area.bottom - area.top}px`;
    if (this.#dragFrom !== undefined) {
      const from = Math.min(this.#dragFrom, inside);
      this.#selection.hidden = Math.abs(inside - this.#dragFrom) < shortestDrag;
      this.#selection.style.transform = `translateX(${from}px)`;
      this.#selection.style.width = `${Math.abs(inside - this.#dragFrom)}px`;
      this.#selection.style.top = `${area.top}px`;
      this.#selection.style.height = `${area.bottom - area.top}px`;
    }
    this.#listener.read(inside, y, isSpoken);
  }

  #pressed(event: PointerEvent): void {
    const area = this.#listener.area();
    if (!area || event.button !== 0 || event.pointerType === 'touch') return;
    const x = event.clientX - this.#plot.getBoundingClientRect().left;
    this.#dragFrom = Math.min(area.right, Math.max(area.left, x));
    this.#plot.setPointerCapture(event.pointerId);
  }

  #released(event: PointerEvent): void {
    const from = this.#dragFrom;
    const area = this.#listener.area();
    this.#dragFrom = undefined;
    this.#selection.hidden = true;
    if (from === undefined || !area) return;
    const x = event.clientX - this.#plot.getBoundingClientRect().left;
    const to = Math.min(area.right, Math.max(area.left, x));
    if (Math.abs(to - from) >= shortestDrag) this.#listener.select(from, to);
  }

  #key(event: KeyboardEvent): void {
    const area = this.#listener.area();
    if (!area) return;
    if (event.key === 'Escape') {
      this.#leave();
      this.#listener.reset();
      return;
    }
    const step = (area.right - area.left) / 40;
    const at = this.#at?.x ?? area.right;
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: this.#at ? at - step : at,
      ArrowRight: this.#at ? at + step : area.left,
      Home: area.left,
      End: area.right,
    };
    const x = targets[event.key];
    if (x === undefined) return;
    event.preventDefault();
    this.#show(x, (area.top + area.bottom) / 2, true);
  }

  #leave(): void {
    cancelAnimationFrame(this.#frame);
    this.#at = undefined;
    this.#dragFrom = undefined;
    this.#line.hidden = this.#selection.hidden = true;
    this.#listener.leave();
  }
}
