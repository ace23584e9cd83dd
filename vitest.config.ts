import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'conformance/**/*.test.ts'],
    testTimeout: 30_000,
    pool: 'threads',
    // Modules hold no state that a test could leave behind: loaded once for all files, they take half the processor time.
    isolate: false,
    maxWorkers: 2,
  },
})
