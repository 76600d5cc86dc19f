import { centreDigit } from './centre-digit.ts';

/** Where the pen went, in parts of the field's side: 0 to 1. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** Width of the pen, in parts of the field's side. With it digits get about the stroke of those in MNIST. */
const PEN = 0.075;
/** Side of the hidden field that is handed to the network's preparation. */
const RASTER = 140;

/** A field to write one digit on with mouse, finger or pen. */
export class DrawPad {
  readonly #canvas: HTMLCanvasElement;
  readonly #raster: CanvasRenderingContext2D | null;
  readonly #onChange: () => void;
  #strokes: Point[][] = [];
  #pointer: number | undefined;

  constructor(canvas: HTMLCanvasElement, onChange: () => void) {
    this.#canvas = canvas;
    this.#onChange = onChange;
    const raster = document.createElement('canvas');
    raster.width = RASTER;
    raster.height = RASTER;
    this.#raster = raster.getContext('2d', { willReadFrequently: true });
    canvas.addEventListener('pointerdown', (event) => this.#begin(event));
    canvas.addEventListener('pointermove', (event) => this.#go(event));
    for (const end of ['pointerup', 'pointercancel'] as const) canvas.addEventListener(end, (event) => this.#end(event));
    new ResizeObserver(() => this.#paint()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#paint());
  }

  get isEmpty(): boolean {
    return this.#strokes.length === 0;
  }

  clear(): void {
    this.#strokes = [];
    this.#paint();
    this.#onChange();
  }

  /** The drawing as MNIST would hold it, or undefined when there is none. */
  toDigit(): Uint8Array | undefined {
    const context = this.#raster;
    if (context === null || this.isEmpty) return undefined;
    context.clearRect(0, 0, RASTER, RASTER);
    trace(context, this.#strokes, RASTER);
    const { data } = context.getImageData(0, 0, RASTER, RASTER);
    const ink = new Uint8Array(RASTER * RASTER);
    for (let i = 0; i < ink.length; i++) ink[i] = data[i * 4 + 3] ?? 0;
    return centreDigit(ink, RASTER, RASTER);
  }

  #begin(event: PointerEvent): void {
    if (this.#pointer !== undefined || event.button !== 0) return;
    event.preventDefault();
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#strokes.push([this.#point(event)]);
    this.#paint();
    this.#onChange();
  }

  #go(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    const stroke = this.#strokes.at(-1);
    const passed = event.getCoalescedEvents();
    for (const one of passed.length > 0 ? passed : [event]) stroke?.push(this.#point(one));
    this.#paint();
    this.#onChange();
  }

  #end(event: PointerEvent): void {
    if (event.pointerId === this.#pointer) this.#pointer = undefined;
  }

  #point(event: PointerEvent): Point {
    const box = this.#canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }

  #paint(): void {
    const side = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    const context = this.#canvas.getContext('2d');
    if (context === null || side === 0) return;
    this.#canvas.width = side;
    this.#canvas.height = side;
    context.strokeStyle = getComputedStyle(this.#canvas).getPropertyValue('--pen');
    trace(context, this.#strokes, side);
  }
}

function trace(context: CanvasRenderingContext2D, strokes: readonly (readonly Point[])[], side: number): void {
  context.lineWidth = PEN * side;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const [first, ...rest] of strokes) {
    if (first === undefined) continue;
    context.beginPath();
    context.moveTo(first.x * side, first.y * side);
    // A dot is a line to where it started.
    for (const point of rest.length === 0 ? [first] : rest) context.lineTo(point.x * side, point.y * side);
    context.stroke();
  }
}
