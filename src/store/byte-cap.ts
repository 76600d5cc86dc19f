import { LogError } from '../core/errors.ts';
import { formatBytes } from './space.ts';

/** What is added between two measures, as a share of the cap: other tabs add, too. */
const shareBetween = 1 / 20;

/** Refuses what is stored beyond a number of bytes, as a full disk does. */
export class ByteCap {
  readonly #maxBytes: number;
  readonly #measure: () => Promise<number>;
  #taken = Infinity;
  #added = 0;

  /** `measure` makes room if it can, then gives what all runs take. */
  constructor(maxBytes: number, measure: () => Promise<number>) {
    this.#maxBytes = maxBytes;
    this.#measure = measure;
  }

  /** Something was stored. */
  added(bytes: number): void {
    this.#added += bytes;
  }

  /** Call it before something is stored. Rejects with `store-full` when there is no room for anything more. */
  async makeRoom(storeName: string): Promise<void> {
    const most = this.#maxBytes;
    if (this.#taken + this.#added < most && this.#added < most * shareBetween) return;
    this.#added = 0;
    this.#taken = await this.#measure();
    if (this.#taken < most) return;
    throw new LogError(
      'store-full',
      `openStore('${storeName}', { maxBytes }): the runs take ${formatBytes(this.#taken)} of the ${formatBytes(most)} they may take, and none is left that may go by itself. Delete runs; what is stored can still be exported.`,
    );
  }
}
