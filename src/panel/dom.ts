import { currentLanguage } from '../core/words.ts';

/** Makes an element with a class and a text. Text from logs comes in through here and is never markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(name: Name, className = '', text = ''): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

const writers = new WeakMap<Element, () => void>();

/** Writes what words an element has, now and whenever {@link rewrite} is called for a tree that it is in. */
export function worded<Made extends HTMLElement>(node: Made, write: (node: Made) => void): Made {
  const own = (): void => write(node);
  own();
  writers.set(node, own);
  return node;
}

/** An element with a text that follows the language. */
export function wordedElement<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  say: () => string,
): HTMLElementTagNameMap[Name] {
  return worded(element(name, className), (node) => setText(node, say()));
}

/** Writes all words of a tree anew, in the language that is set. Those of its outermost element are its `lang` and `dir`. */
export function rewrite(root: HTMLElement): void {
  const { locale, direction = 'ltr' } = currentLanguage();
  root.lang = locale;
  root.dir = direction;
  for (const node of [root, ...root.querySelectorAll('*')]) writers.get(node)?.();
}

/** Changes a text only when it differs, so that screen readers and layout are left in peace. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

// Long names of a series of runs differ at their ends, so the ends stay readable.
const tailLength = 8;

/** A name from a log in the space there is: when it is too long its middle is left out. */
export function nameText(name: string): HTMLSpanElement {
  const node = element('span', 'text');
  // Its own direction, not that of the language around it.
  node.dir = 'auto';
  const characters = [...name];
  const isLong = characters.length > 2 * tailLength;
  node.append(element('span', '', isLong ? characters.slice(0, -tailLength).join('') : name));
  if (isLong) node.append(element('span', '', characters.slice(-tailLength).join('')));
  return node;
}

/** A short piece of line as it looks in the charts, for keys and lists. */
export function lineSample(color: string, dash: readonly number[], hasPoint: boolean, isHollow: boolean): SVGSVGElement {
  const svg = make('svg', { width: 18, height: 10, viewBox: '0 0 18 10', 'aria-hidden': 'true' });
  const stroke = { stroke: color, 'stroke-width': hasPoint ? 1 : 2 };
  svg.append(make('line', { x1: 1, y1: 5, x2: 17, y2: 5, ...stroke, 'stroke-dasharray': dash.join(' '), 'stroke-linecap': 'round' }));
  if (hasPoint)
    svg.append(make('circle', { cx: 9, cy: 5, r: 2.5, ...stroke, 'stroke-width': 1.5, fill: isHollow ? 'var(--surface)' : color }));
  return svg;
}

function make<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
