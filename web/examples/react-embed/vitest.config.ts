import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // The guide's page beside it has no package of its own: it needs what this one has.
  test: { root: fileURLToPath(new URL('..', import.meta.url)), include: ['*/test/**/*.test.ts'], testTimeout: 40_000, retry: process.env['CI'] ? 2 : 0 },
})
