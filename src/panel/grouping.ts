import type { TagPlace } from '../core/tag-card.ts';

/** Sections of the panel, top to bottom; the last one is folded away at first. */
export type CardRank = 'loss' | 'metric' | 'other' | 'rate' | 'system';

const ranks: readonly CardRank[] = ['loss', 'metric', 'other', 'rate', 'system'];
const metricName =
  /(^|[/_-])(acc|accuracy|precision|recall|f1|auc|auroc|mae|mse|rmse|r2|iou|perplexity|ppl|error|score|reward|return)($|[/_-])/i;

/** Loss first, then metrics, then whatever else was logged, learning rates, and at last the machine and the optimizer's constants. */
export function rankCard(card: string): CardRank {
  if (/(^|\/)(steps|samples|examples|batches)_per_second$/.test(card) || /^(tabtrain|system)\//.test(card)) return 'system';
  if (/(^|\/)(momentum|beta[12])$/.test(card)) return 'system';
  if (/(^|[/_-])(lr|learning_rate|learningrate)([/_-]|$)/i.test(card)) return 'rate';
  if (/loss/i.test(card)) return 'loss';
  if (card.startsWith('metrics/') || metricName.test(card)) return 'metric';
  return 'other';
}

/** True for settings such as a learning rate: each value is in force until the next one. */
export function isHeld(card: string): boolean {
  return rankCard(card) === 'rate' || /(^|\/)(momentum|beta[12])$/.test(card);
}

/** The place of a rank in the order of the panel. */
export function rankOrder(rank: CardRank): number {
  return ranks.indexOf(rank);
}

/** What stands above a card: its name without the `metrics/` that trainers put before it. */
export function cardTitle(card: string): string {
  return card.startsWith('metrics/') && card.length > 8 ? card.slice(8) : card;
}

/** Lines of one card in the order of its key: training before validation before test, steps before epochs. */
export function linePrecedence(place: TagPlace): number {
  return ['train', '', 'val', 'test'].indexOf(place.stage) * 3 + ['step', '', 'epoch'].indexOf(place.rhythm);
}
