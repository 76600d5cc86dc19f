/** Calls back once after so many milliseconds. Gives back its undo. */
export type Timer = (act: () => void, ms: number) => () => void;

/** The platform's timer. */
export const startTimer: Timer = (act, ms) => {
  // Timers that are asked to wait longer fire at once.
  const timer = setTimeout(act, Math.min(ms, 2 ** 31 - 1));
  return () => clearTimeout(timer);
};

/** Resolves with `true` when the work is over, whatever became of it, or with `false` after so many milliseconds. Never rejects. */
export function isOverIn(ms: number, work: Promise<unknown>, timer: Timer): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = timer(() => resolve(false), ms);
    const over = (): void => {
      cancel();
      resolve(true);
    };
    work.then(over, over);
  });
}
