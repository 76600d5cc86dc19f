import type { BlockColumns } from '../formats/archive/point-block.ts';
import { crc32c } from '../formats/crc32c.ts';

/** Tells points apart, in whatever order of tags and blocks they lie. */
export interface Fingerprint {
  add(columns: BlockColumns): void;
  /** Two numbers: how many points, and a sum of what is mixed from each. */
  readonly sum: readonly [points: number, mixed: number];
}

/** Begins with no points. `tagNames` are the tags by their numbers, so that the numbers themselves do not count. */
export function createFingerprint(tagNames: readonly string[]): Fingerprint {
  const utf8 = new TextEncoder();
  const seeds = Int32Array.from(tagNames, (tag) => crc32c(utf8.encode(tag)));
  const pair = new Float64Array(2);
  const words = new Int32Array(pair.buffer);
  let points = 0;
  let sum = 0;
  return {
    add({ tag, step, value }) {
      points += tag.length;
      for (let i = 0; i < tag.length; i++) {
        pair[0] = step[i]!;
        // Nobody promises to keep the bits within a NaN.
        const isNan = Number.isNaN(value[i]);
        pair[1] = isNan ? 0 : value[i]!;
        let mixed = seeds[tag[i]!]! ^ (isNan ? 0x7ff8_0000 : 0);
        for (let word = 0; word < 4; word++) {
          mixed = Math.imul(mixed ^ words[word]!, 0x9e37_79b1);
          mixed ^= mixed >>> 15;
        }
        sum = (sum + mixed) | 0;
      }
    },
    get sum() {
      return [points, sum] as const;
    },
  };
}
