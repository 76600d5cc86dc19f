export { defineMetricsPanel } from './element.ts';
export { MetricsPanel, type PanelStats } from './metrics-panel.ts';
export type { PanelOptions, PanelSettings, PanelTheme, ResolvedSettings, XAxis } from './options.ts';
export { showPanel } from './show-panel.ts';
