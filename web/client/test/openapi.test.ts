import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const path = (p: string) => fileURLToPath(new URL(p, import.meta.url))

test('src/openapi.ts is what the server serves now: else run "npm run types"', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [path('../scripts/types.mjs'), '--print'], { maxBuffer: 1 << 25 })
  expect(readFileSync(path('../src/openapi.ts'), 'utf8')).toBe(stdout)
})
