import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['source', 'module', 'development|production'] } },
  test: {
    // browsers on a busy machine: what hangs on a moment is looked at again; a defect fails each time
    retry: process.env.CI ? 2 : 0,
    server: { deps: { inline: [/@freshet/] } }, // the packages' source, not what was built of it
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // a browser and a server each; two cores keep up with three, as tests wait for much
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
