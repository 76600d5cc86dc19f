import { describe, LogError } from '../core/errors.ts';

/** The element that a selector finds, or the one given. Throws `bad-options`; `call` is the function that was called. */
export function findTarget(target: string | HTMLElement, call: string): HTMLElement {
  const found = typeof target === 'string' ? query(target, call) : target;
  if (found instanceof HTMLElement) return found;
  const what = found ? `found ${describe(found)}, need an HTML element` : 'no element of the page matches';
  throw new LogError(
    'bad-options',
    `${call}(${JSON.stringify(target)}): ${what}. Call it after the element is in the page, or pass the element itself.`,
  );
}

function query(selector: string, call: string): Element | null {
  try {
    return document.querySelector(selector);
  } catch (cause) {
    throw new LogError(
      'bad-options',
      `${call}(${JSON.stringify(selector)}): this is not a CSS selector. Write '#charts' for an element with id="charts".`,
      { cause },
    );
  }
}
