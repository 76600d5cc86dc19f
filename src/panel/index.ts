export { currentLanguage, type Language, onLanguage, setLanguage } from '../core/words.ts';
export { defineMetricsPanel } from './element.ts';
export { MetricsPanel, type PanelStats } from './metrics-panel.ts';
export type { PanelOptions, PanelSettings, PanelTheme, ResolvedSettings, XAxis } from './options.ts';
export { ProgressBar, type ProgressOptions, showProgress } from './progress-bar.ts';
export { defineTrainingProgress } from './progress-element.ts';
export { showPanel } from './show-panel.ts';
