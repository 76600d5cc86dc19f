import type { MetricStore } from '../store/metric-store.ts';
import { followTests, twoStoreTests } from './contract-follow.ts';
import { pointTests } from './contract-points.ts';
import { careTests } from './contract-care.ts';
import { recordTests, twoStoreRecordTests } from './contract-records.ts';
import { runTests } from './contract-runs.ts';

/** One promise of a store: resolves when it is kept, rejects with what was found. */
export interface ContractTest {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * What every {@link MetricStore} promises, as tests for any test runner. `make` opens an empty store for each test; it is
 * closed at the end. `another`, if given, opens the same store once more, as another tab would.
 *
 * ```ts
 * for (const { name, run } of storeContract(() => openMyStore())) test(name, run);
 * ```
 */
export function storeContract(
  make: () => Promise<MetricStore>,
  another?: (store: MetricStore) => Promise<MetricStore>,
): readonly ContractTest[] {
  const alone = [...runTests, ...careTests, ...pointTests, ...recordTests, ...followTests].map(({ name, check }) => ({
    name,
    run: async (): Promise<void> => {
      const store = await make();
      try {
        await check(store);
      } finally {
        await store[Symbol.asyncDispose]();
      }
    },
  }));
  if (another === undefined) return alone;
  const together = [...twoStoreTests, ...twoStoreRecordTests].map(({ name, check }) => ({
    name,
    run: async (): Promise<void> => {
      const store = await make();
      try {
        const other = await another(store);
        try {
          await check(store, other);
        } finally {
          await other[Symbol.asyncDispose]();
        }
      } finally {
        await store[Symbol.asyncDispose]();
      }
    },
  }));
  return [...alone, ...together];
}
