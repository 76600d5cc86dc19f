// A file of its own, so that a page with a progress bar alone loads no looks of charts.

/** Colours, type and what else everything in the panel's room has in common; for the outermost element, of class `panel`. */
export const baseCss = `
:host { display: block; container-type: inline-size; }
[hidden] { display: none !important; }
.panel {
  --surface: var(--tabtrain-surface, #fff);
  --sunken: #f4f5f7;
  --text: var(--tabtrain-text, #1b1f27);
  --muted: var(--tabtrain-muted, #626b7a);
  --border: var(--tabtrain-border, #e2e5ea);
  --grid: var(--tabtrain-grid, #edeff2);
  --accent: var(--tabtrain-accent, #3c4dd4);
  --bad: #b3261e;
  --odd: #8f5a00;
  --shadow: 0 8px 28px rgb(20 24 32 / 0.14), 0 1px 3px rgb(20 24 32 / 0.1);
  --radius: var(--tabtrain-radius, 10px);
  color-scheme: light;
  position: relative;
  color: var(--text);
  font: 13px/1.4 var(--tabtrain-font, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif);
  font-variant-numeric: tabular-nums;
  -webkit-font-smoothing: antialiased;
  text-align: start;
}
.panel.dark {
  --surface: var(--tabtrain-surface, #17191e);
  --sunken: #23262d;
  --text: var(--tabtrain-text, #e7e9ee);
  --muted: var(--tabtrain-muted, #98a1b0);
  --border: var(--tabtrain-border, #2a2e36);
  --grid: var(--tabtrain-grid, #24272e);
  --accent: var(--tabtrain-accent, #7d9bff);
  --bad: #ff8a80;
  --odd: #f0b35a;
  --shadow: 0 10px 32px rgb(0 0 0 / 0.5), 0 0 0 1px #333843;
  color-scheme: dark;
}
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { .panel * { animation: none !important; transition: none !important; } }
`;
