import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source', 'module', 'development|production'] },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // a browser and a server each
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
