// Marks live as long as the marked object.
const marks = new WeakMap<object, readonly Transferable[]>();

/**
 * Marks an argument of `trainer.call(…)`, or what a call gives back, so that the buffers named are moved to the other
 * thread and not copied: `trainer.call('classify', transfer(images, [images.buffer]))`. They are empty here afterwards.
 * Without the mark everything is copied. Only an argument or result itself can be marked, not something inside it.
 */
export function transfer<Value extends object>(value: Value, buffers: readonly Transferable[]): Value {
  marks.set(value, buffers);
  return value;
}

/** The buffers that were marked to be moved along with these values. */
export function transferListOf(values: readonly unknown[]): Transferable[] {
  return values.flatMap((value) => (typeof value === 'object' && value !== null ? (marks.get(value) ?? []) : []));
}
