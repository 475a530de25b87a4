import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } },
  // More workers than cores: browsers under test mostly wait.
  test: { include: ['test/**/*.test.ts'], testTimeout: 30_000, maxWorkers: 4 },
})
