import { cardOf } from '../../core/tag-card.ts';
import { encodeMessage, writeMessageField, writeStringField } from '../protobuf.ts';
import { encodeStringTensor } from './event.ts';
import type { SummaryValue } from './event.ts';

const category = 'Training and validation';

/**
 * The layout of TensorBoard's custom scalars tab that shows the cards of the panel: one chart per card, training and
 * validation overlaid.
 *
 * Each run carries the layout of its own cards and TensorBoard merges them. That needs two cares: a chart depends on its
 * card alone, so that equal cards of two runs are one chart; and there is one category, because TensorBoard 2.21 loses
 * charts that a third run adds to a category which the second one brought.
 */
export function layoutOf(tags: Iterable<string>): SummaryValue {
  const cards = new Set<string>();
  for (const tag of tags) cards.add(cardOf(tag));
  const layout = encodeMessage((part) =>
    writeMessageField(part, 2, (group) => {
      writeStringField(group, 1, category);
      for (const card of cards) {
        writeMessageField(group, 2, (chart) => {
          writeStringField(chart, 1, card);
          writeMessageField(chart, 2, (multiline) => writeStringField(multiline, 1, patternOf(card)));
        });
      }
    }),
  );
  return { tag: 'custom_scalars__config__', pluginName: 'custom_scalars', tensor: encodeStringTensor(layout) };
}

// A Python regular expression, anchored by TensorBoard at its start only: the tags that `placeTag` sends to this card.
function patternOf(card: string): string {
  return `((train|validation|val|test)[/_])?${card.replace(/[\\^$.*+?()[\]{}|#&~\s-]/g, '\\$&')}([/_](step|epoch))?$`;
}
