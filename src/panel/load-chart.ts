import { LogError } from '../core/errors.ts';
import type { ChartModule } from './card.ts';

/**
 * Loads the part of the panel that knows Chart.js. It comes on its own, so that a page without that optional peer gets an error it can
 * read instead of a module that does not load. Rejects with `missing-peer`.
 */
export async function loadChart(load: () => Promise<ChartModule> = () => import('./chart.ts')): Promise<ChartModule> {
  try {
    return await load();
  } catch (cause) {
    const text = 'showPanel(): Chart.js could not be loaded, it is an optional peer of tabtrain/panel. Install it: npm install chart.js';
    throw new LogError('missing-peer', text, { cause });
  }
}
