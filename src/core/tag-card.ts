/** Which data a number was computed on; empty when the tag does not say. */
export type Stage = '' | 'train' | 'val' | 'test';

/** Whether a number belongs to a step or to a whole epoch; empty when the tag does not say. */
export type Rhythm = '' | 'step' | 'epoch';

/** Where a tag is drawn: `train/loss/step` goes to the card `loss`, as stage `train` and rhythm `step`. */
export interface TagPlace {
  readonly card: string;
  readonly stage: Stage;
  readonly rhythm: Rhythm;
}

const stages: Readonly<Record<string, Stage>> = { train: 'train', val: 'val', validation: 'val', test: 'test' };

/**
 * Finds the card of a tag: a leading stage and a trailing `step` or `epoch` are taken off, as long as a name is left. Between
 * them stands `/`, or `_` in Keras's `val_` and Lightning's `_step` and `_epoch`. So `train/loss/step`, `val/loss/epoch`,
 * `val_loss` and `loss_step` all meet in the card `loss`, while `test_time` and `train_size` stay what they are.
 */
export function placeTag(tag: string): TagPlace {
  const [, stage = '', rest = ''] = /^(?:(train(?=\/)|validation(?=\/)|test(?=\/)|val)[/_](?=.))?(.*)$/s.exec(tag) ?? [];
  const [, card = rest, rhythm = ''] = /^(.+?)(?:[/_](step|epoch))?$/s.exec(rest) ?? [];
  return { card, stage: stages[stage] ?? '', rhythm: rhythm === 'step' || rhythm === 'epoch' ? rhythm : '' };
}

/**
 * The card that shows a tag: `train/X/*` and `val/X/*` share card X, where `*` is `step`, `epoch` or nothing. The panel
 * and the layout inside event files follow this one rule. `train/loss/step` → `loss`, `val/metrics/accuracy/epoch` →
 * `metrics/accuracy`, `train/lr` → `lr`, `reward` → `reward`.
 */
export function cardOf(tag: string): string {
  return placeTag(tag).card;
}
