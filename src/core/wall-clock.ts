/**
 * Makes a clock of seconds since the Unix epoch that never runs backwards, not even when the system's clock is set
 * back: event files ask for wall times that do not decrease.
 */
export function createWallClock(now: () => number = Date.now): () => number {
  let last = 0;
  return () => {
    const seconds = now() / 1000;
    if (seconds > last) last = seconds;
    return last;
  };
}
