import type { StoreName } from '../../../src/store/schema.ts';
import type { Reading, StoreBackend, Writing } from '../../../src/store/store-backend.ts';

/** A backend whose process is killed after some transactions: the last one may be committed without anybody hearing of it. */
export class HaltingBackend implements StoreBackend {
  readonly #inner: StoreBackend;
  #left = Infinity;

  constructor(inner: StoreBackend) {
    this.#inner = inner;
  }

  /** Lets `transactions` more go by; the last of them is committed without an answer. */
  haltAfter(transactions: number): void {
    this.#left = transactions;
  }

  async read<Result>(stores: readonly StoreName[], work: (tx: Reading) => Promise<Result>): Promise<Result> {
    return this.#counted(() => this.#inner.read(stores, work));
  }

  async write<Result>(
    stores: readonly StoreName[],
    work: (tx: Writing) => Promise<Result>,
    options?: { readonly durability?: 'relaxed' | 'strict' },
  ): Promise<Result> {
    return this.#counted(() => this.#inner.write(stores, work, options));
  }

  suspend(): void {
    this.#inner.suspend();
  }

  close(): void {
    this.#inner.close();
  }

  async #counted<Result>(transact: () => Promise<Result>): Promise<Result> {
    if (this.#left <= 0) throw new Error('killed');
    this.#left -= 1;
    const isLast = this.#left === 0;
    const result = await transact();
    if (isLast) throw new Error('killed before the answer came');
    return result;
  }
}
