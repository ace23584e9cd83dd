import { defineConfig } from 'vitest/config'

/** End to end: a real cluster with real containers and the kubectl on the PATH. One file after another. */
export default defineConfig({
  test: { include: ['e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 180_000, fileParallelism: false },
})
