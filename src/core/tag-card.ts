/**
 * The card that shows a tag: `train/X/*` and `val/X/*` share card X, where `*` is `step`, `epoch` or nothing. The panel
 * and the layout inside event files follow this one rule. `train/loss/step` → `loss`, `val/metrics/accuracy/epoch` →
 * `metrics/accuracy`, `train/lr` → `lr`, `reward` → `reward`.
 */
export function cardOf(tag: string): string {
  const card = tag.replace(/^(?:train|val)\//, '').replace(/\/(?:step|epoch)$/, '');
  return card === '' ? tag : card;
}
