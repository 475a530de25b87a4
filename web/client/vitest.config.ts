import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } },
  // More workers than cores: browsers under test mostly wait.
  // What hangs on a moment of a busy machine is looked at again; a defect fails each time.
  test: { include: ['test/**/*.test.ts'], testTimeout: 30_000, maxWorkers: 4, retry: process.env['CI'] ? 2 : 0 },
})
