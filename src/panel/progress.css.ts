import { baseCss } from './base.css.ts';

/**
 * The looks of a progress bar, for a constructed style sheet in its shadow tree. Pages change it through the custom properties of the
 * panel, and `--tabtrain-progress-height`.
 */
export const progressCss: string = `${baseCss}
.head { display: flex; align-items: baseline; gap: 12px; }
.label { flex: 1 1 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
.count { color: var(--muted); white-space: nowrap; }
.percent { min-width: 3.4em; text-align: end; font-weight: 600; }
.percent:empty { display: none; }
progress { display: block; appearance: none; box-sizing: border-box; width: 100%; height: var(--tabtrain-progress-height, 8px); margin: 6px 0; border: 0; border-radius: 99px; overflow: hidden; background: var(--border); color: var(--accent); }
progress::-webkit-progress-bar { background: var(--border); border-radius: 99px; }
progress::-webkit-progress-value { background: var(--accent); border-radius: 99px; }
progress::-moz-progress-bar { background: var(--accent); border-radius: 99px; }
progress:indeterminate, progress:indeterminate::-webkit-progress-bar { background: linear-gradient(90deg, var(--border) 30%, var(--accent) 50%, var(--border) 70%) 0 / 300% 100%; }
progress:indeterminate { animation: pass 2.4s linear infinite; }
progress:indeterminate::-webkit-progress-bar { animation: pass 2.4s linear infinite; }
progress:indeterminate::-moz-progress-bar { background: none; }
@keyframes pass { from { background-position: 100% 0; } to { background-position: -50% 0; } }
.facts { min-height: 1.4em; }
.facts, .items { display: flex; flex-wrap: wrap; gap: 0 14px; margin: 0; color: var(--muted); font-size: 12px; }
.facts :empty { display: none; }
.items { margin-top: 2px; gap: 2px 14px; }
.items div { display: flex; gap: 6px; min-width: 0; }
.items dt { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.items dd { margin: 0; color: var(--text); font-weight: 500; white-space: nowrap; }
.inner { margin: 8px 0 0; padding-inline-start: 12px; border-inline-start: 2px solid var(--border); }
.resting { visibility: hidden; }
.inner .label, .inner .percent { font-weight: 500; }
.inner progress { height: calc(var(--tabtrain-progress-height, 8px) * 0.625); }
.failed .label { color: var(--bad); }
.failed progress { --accent: var(--bad); }
.past { display: grid; gap: 2px; margin: 0 0 10px; padding: 0; max-height: 168px; overflow-y: auto; list-style: none; color: var(--muted); font-size: 12px; scrollbar-width: thin; scrollbar-color: var(--border) transparent; }
.past:empty { display: none; }
.past li { display: flex; flex-wrap: wrap; gap: 0 14px; }
.past b { color: var(--text); font-weight: 500; }
@container (max-width: 420px) {
  .extra { display: none; }
}
`;
