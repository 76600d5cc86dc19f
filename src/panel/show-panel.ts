import { findTarget } from './find-target.ts';
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
  return new MetricsPanel(typeof target === 'string' ? findTarget(target, 'showPanel') : target, options);
}
