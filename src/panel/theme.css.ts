import { baseCss } from './base.css.ts';

/**
 * The looks of the panel, for a constructed style sheet in its shadow tree: strict content security policies allow that, and the page's own
 * styles stay out. Pages change it through custom properties on any element around it:
 * `--tabtrain-font`, `--tabtrain-surface`, `--tabtrain-text`, `--tabtrain-muted`, `--tabtrain-border`, `--tabtrain-grid`, `--tabtrain-accent`,
 * `--tabtrain-radius`, `--tabtrain-plot-height`.
 */
export const panelCss: string = `${baseCss}
.panel :is(h2, h3, p, fieldset, legend, table) { margin: 0; padding: 0; border: 0; font: inherit; }
:is(button, input, summary, .plot):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.bar { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; justify-content: space-between; margin-bottom: 12px; }
.bar h2 { font-weight: 600; font-size: 14px; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.controls { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; color: var(--muted); font-size: 12px; }
.panel { --on: to right; }
.panel[dir='rtl'] { --on: to left; }
.smoothing { display: flex; align-items: center; gap: 8px; }
.smoothing output { min-width: 2.2em; color: var(--text); text-align: end; }
input[type='range'] { appearance: none; width: 112px; height: 16px; margin: 0; background: none; cursor: pointer; border-radius: 8px; }
input[type='range']::-webkit-slider-runnable-track { height: 3px; border-radius: 2px; background: linear-gradient(var(--on), var(--accent) var(--at, 0%), var(--border) 0); }
input[type='range']::-moz-range-track { height: 3px; border-radius: 2px; background: linear-gradient(var(--on), var(--accent) var(--at, 0%), var(--border) 0); }
input[type='range']::-webkit-slider-thumb { appearance: none; width: 14px; height: 14px; margin-top: -5.5px; border-radius: 50%; background: var(--surface); border: 2px solid var(--accent); }
input[type='range']::-moz-range-thumb { width: 10px; height: 10px; border-radius: 50%; background: var(--surface); border: 2px solid var(--accent); }
.segments { display: flex; align-items: center; min-inline-size: 0; }
.panel .segments legend { float: inline-start; margin-inline-end: 8px; }
.segments label { position: relative; cursor: pointer; }
.segments input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.segments span { display: block; padding: 3px 10px; border: 1px solid var(--border); margin-inline-start: -1px; background: var(--surface); transition: background-color 0.12s; }
.segments label:first-of-type span { border-start-start-radius: 7px; border-end-start-radius: 7px; }
.segments label:last-of-type span { border-start-end-radius: 7px; border-end-end-radius: 7px; }
.segments input:checked + span { background: var(--sunken); color: var(--text); font-weight: 500; }
.segments input:hover + span { color: var(--text); }
.segments input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 1px; position: relative; }

button.small { font: inherit; font-size: 11px; line-height: 16px; padding: 1px 7px; border: 1px solid var(--border); border-radius: 6px; background: none; color: var(--muted); cursor: pointer; white-space: nowrap; }
button.small:hover { background: var(--sunken); color: var(--text); }
button.toggle[aria-pressed='true'] { border-color: var(--border); background: var(--sunken); color: var(--text); }

.runs { border: 1px solid var(--border); border-radius: var(--radius); background: var(--surface); margin-bottom: 12px; }
.runs header { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 12px; min-height: 24px; padding: 6px 12px 0; }
.runs h2 { font-weight: 600; }
.runs .count { margin-inline-start: 6px; color: var(--muted); font-weight: 400; }
.usage { color: var(--muted); font-size: 11px; }
.usage.full { color: var(--odd); }
.tools { display: flex; align-items: center; gap: 4px; min-width: 0; margin-inline-start: auto; }
.filter { font: inherit; font-size: 12px; min-width: 0; width: 150px; padding: 2px 8px; margin-inline-end: 6px; border: 1px solid var(--border); border-radius: 6px; background: var(--surface); color: var(--text); }
.filter::placeholder { color: var(--muted); opacity: 1; }
.list { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 230px), 1fr)); column-gap: 8px; max-height: 168px; overflow-y: auto; padding: 4px; scrollbar-width: thin; scrollbar-color: var(--border) transparent; overscroll-behavior: contain; }
.run { min-width: 0; }
label.run { display: flex; align-items: center; gap: 8px; padding: 3px 8px; border-radius: 6px; cursor: pointer; }
label.run:hover { background: var(--sunken); }
label.run input { appearance: none; flex: none; width: 12px; height: 12px; margin: 0; border: 2px solid var(--run); border-radius: 4px; background: var(--run); cursor: pointer; }
label.run input:not(:checked) { background: transparent; }
label.run:has(input:not(:checked)) .name { color: var(--muted); }
label.run .name { flex: 0 1 auto; min-width: 0; }
.text { display: flex; min-width: 0; white-space: pre; }
.text span { flex: none; }
.text span:first-child { flex: 0 1 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; }
.status { flex: none; color: var(--muted); font-size: 11px; }
.status[data-status='failed'] { color: var(--bad); }
.status[data-status='interrupted'] { color: var(--odd); }
.status[data-status='running'] { color: var(--text); }
.status[data-status='running']::before { content: ''; display: inline-block; width: 6px; height: 6px; margin-inline-end: 5px; border-radius: 50%; background: #1fa971; vertical-align: 1px; animation: breathe 2s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: 0.35; } }

.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 12px; }
.grid:empty { display: none; }
.system .grid { grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); }
.card { container-type: inline-size; min-width: 0; max-width: 860px; border: 1px solid var(--border); border-radius: var(--radius); background: var(--surface); padding: 10px 6px 6px; }
.card header { display: flex; align-items: center; gap: 4px 12px; height: 22px; padding-block: 0; padding-inline: 8px 6px; margin-bottom: 4px; }
.card h3 { flex: 0 1 auto; min-width: 3em; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.card .tools { flex: none; margin-inline-start: auto; }
/* An item that does not fit wraps into a second line, which is hidden: whole, so that a number is never cut. */
.key { display: flex; flex: 1 1 0; flex-wrap: wrap; justify-content: flex-end; gap: 8px 12px; height: 18px; line-height: 18px; min-width: 0; overflow: hidden; color: var(--muted); font-size: 12px; white-space: nowrap; }
.item { display: inline-flex; align-items: center; gap: 5px; }
.item span:empty, .item b:empty { display: none; }
.item b { color: var(--text); font-weight: 500; }
.item svg { flex: none; }
/* Clipped, because a chart that is off screen keeps its old width until it is drawn again. */
.plot { position: relative; overflow: clip; height: var(--tabtrain-plot-height, 190px); border-radius: 6px; touch-action: pan-y; cursor: crosshair; }
.plot canvas { position: absolute; inset: 0; }
.hint { position: absolute; inset: 0; display: grid; place-items: center; color: var(--muted); font-size: 12px; text-align: center; pointer-events: none; }
.crosshair { position: absolute; left: 0; width: 1px; background: var(--muted); opacity: 0.55; pointer-events: none; }
.selection { position: absolute; left: 0; background: var(--accent); opacity: 0.14; pointer-events: none; }

.search { display: flex; align-items: center; gap: 6px; margin-bottom: 12px; color: var(--muted); font-size: 12px; }
button.more { display: block; margin: 12px auto 0; padding: 4px 14px; }

.system { margin-top: 16px; }
.system summary { width: max-content; padding-block: 2px; padding-inline: 2px 6px; margin-bottom: 8px; border-radius: 6px; color: var(--muted); cursor: pointer; }
.system summary:hover { color: var(--text); }

.tip { position: absolute; inset: 0 auto auto 0; z-index: 10; max-width: min(480px, 100%); padding: 7px 10px; border-radius: 8px; background: var(--surface); box-shadow: var(--shadow); font-size: 12px; pointer-events: none; box-sizing: border-box; }
.tip table { border-collapse: collapse; }
.tip th { color: var(--muted); font-weight: 400; text-align: end; padding-bottom: 3px; font-size: 11px; }
.tip th:nth-child(2) { text-align: start; }
.tip :is(td, th) { padding-block: 1px; padding-inline: 12px 0; white-space: nowrap; }
.tip :is(td, th):nth-child(-n + 2) { padding-inline-start: 0; }
.tip td:first-child { padding-inline-end: 7px; line-height: 0; }
.tip .name { display: flex; gap: 6px; max-width: 230px; }
.tip .kind { flex: none; color: var(--muted); }
.tip .number { text-align: end; color: var(--muted); }
.tip .strong { color: var(--text); font-weight: 500; }
.tip .odd { color: var(--odd); }
.tip .more { padding-top: 3px; color: var(--muted); }

.empty { display: grid; justify-items: center; gap: 4px; padding: 44px 24px; border: 1px dashed var(--border); border-radius: var(--radius); text-align: center; text-wrap: balance; color: var(--muted); overflow-wrap: anywhere; }
.empty strong { color: var(--text); font-weight: 600; }
.places { margin-bottom: 12px; color: var(--muted); font-size: 12px; }
.places p { display: flex; align-items: flex-start; gap: 8px; margin: 0 0 4px; }
.error { padding: 10px 14px; margin-bottom: 12px; border: 1px solid var(--bad); border-radius: var(--radius); background: var(--surface); color: var(--bad); overflow-wrap: anywhere; }

@container (max-width: 460px) {
  .controls { justify-content: space-between; width: 100%; gap: 8px 12px; }
  .smoothing > span, .segments legend { font-size: 11px; }
  input[type='range'] { width: 84px; }
  .panel .segments legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .filter { width: 100px; }
  .usage { order: 1; }
  .tip .name { max-width: 170px; }
  .tip :is(td, th) { padding-inline-start: 8px; }
  .tip .wide { display: none; }
}
@container (max-width: 420px) {
  .extra { display: none; }
}
@container (max-width: 345px) {
  .key { gap: 8px; }
  .item span { display: none; }
}
`;
