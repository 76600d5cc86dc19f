/**
 * Thrown or rejected with by a logger's `save` or `finalize` that cannot do it now, such as a server that asks for patience: it is
 * called again after `afterMs`, while the training goes on.
 *
 * ```ts
 * if (response.status === 429) throw new RetryLater(Number(response.headers.get('retry-after') ?? 1) * 1000);
 * ```
 */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  /** Milliseconds to wait. At least 0, of which runs make 100; what is no such number counts as 1,000. */
  readonly afterMs: number;

  constructor(afterMs = 1000, message = `try again in ${afterMs} ms`, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.afterMs = afterMs >= 0 ? afterMs : 1000;
  }
}
