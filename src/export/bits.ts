/** A set of whole numbers from 0 on, one bit each up to the largest. */
export interface Bits {
  set(position: number): void;
  has(position: number): boolean;
}

/** An empty set. */
export function createBits(): Bits {
  let words = new Uint32Array(0);
  return {
    set(position) {
      const word = position >>> 5;
      if (word >= words.length) {
        const larger = new Uint32Array(Math.max(word + 1, words.length * 2));
        larger.set(words);
        words = larger;
      }
      words[word]! |= 1 << (position & 31);
    },
    has: (position) => (((words[position >>> 5] ?? 0) >>> (position & 31)) & 1) === 1,
  };
}
