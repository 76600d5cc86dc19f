import { describe, LogError } from '../core/errors.ts';
import { MetricsPanel } from './metrics-panel.ts';
import type { PanelOptions } from './options.ts';

/**
 * Shows live charts inside an element of the page, found by a selector or given. Without a store it opens `openStore()`, and closes
 * it in `destroy()`. Throws `bad-options` when the selector finds nothing.
 *
 * ```ts
 * showPanel('#charts', { project: 'spiral' });
 * ```
 */
export function showPanel(target: string | HTMLElement, options: PanelOptions = {}): MetricsPanel {
  if (typeof target !== 'string') return new MetricsPanel(target, options);
  const call = `showPanel(${JSON.stringify(target)})`;
  let found: Element | null;
  try {
    found = document.querySelector(target);
  } catch (cause) {
    throw new LogError('bad-options', `${call}: this is not a CSS selector. Write '#charts' for an element with id="charts".`, { cause });
  }
  if (found instanceof HTMLElement) return new MetricsPanel(found, options);
  const what = found ? `found ${describe(found)}, need an HTML element` : 'no element of the page matches';
  throw new LogError('bad-options', `${call}: ${what}. Call it after the element is in the page, or pass the element itself.`);
}
