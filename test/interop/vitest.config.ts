import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

// Apart from the other tests: these need a Python with TensorBoard and pandas, which run.mjs looks for.
const config: ViteUserConfig = defineConfig({
  test: {
    name: 'interop',
    environment: 'node',
    include: ['test/interop/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});

export default config;
