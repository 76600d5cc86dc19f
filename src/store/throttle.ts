/** Calls at once, then at most once per interval; a call that came in between is made up for at the interval's end. */
export interface Throttle {
  (): void;
  /** Makes up for a pending call now. */
  flush(): void;
  /** Forgets a pending call. */
  cancel(): void;
}

/** Makes a {@link Throttle} of `call`. */
export function createThrottle(call: () => void, everyMs: number): Throttle {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPending = false;
  const fire = (): void => {
    isPending = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isPending) fire();
    }, everyMs);
    call();
  };
  const throttled = (): void => {
    if (timer === undefined) fire();
    else isPending = true;
  };
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return Object.assign(throttled, {
    flush() {
      stop();
      if (!isPending) return;
      isPending = false;
      call();
    },
    cancel() {
      stop();
      isPending = false;
    },
  });
}
