import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const dist = resolve(import.meta.dirname, '../dist')

/** A script and all that it cannot do without. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  const text = readFileSync(join(dist, 'assets', name), 'utf8')
  for (const m of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) withImports(m[1]!, seen)
  return seen
}

it('what is loaded first is at most 180 KB of JavaScript, compressed', () => {
  const index = readFileSync(join(dist, 'index.html'), 'utf8')
  const entry = /src="\/assets\/([^"]+\.js)"/.exec(index)![1]!
  const preloaded = [...index.matchAll(/modulepreload[^>]*href="\/assets\/([^"]+\.js)"/g)].map((m) => m[1]!)
  const all = withImports(entry)
  preloaded.forEach((p) => withImports(p, all))
  const sizes = [...all].map((name) => gzipSync(readFileSync(join(dist, 'assets', name)), { level: 9 }).length)
  const size = sizes.reduce((a, b) => a + b, 0)
  expect(size).toBeGreaterThan(100_000) // React alone is more than half of that: else this looks at the wrong files
  expect(size).toBeLessThanOrEqual(180_000)
  console.log(`first load: ${(size / 1000).toFixed(1)} KB in ${all.size} files`)
})

it('no source maps are shipped', () => {
  expect(readFileSync(join(dist, 'assets', /src="\/assets\/([^"]+\.js)"/.exec(readFileSync(join(dist, 'index.html'), 'utf8'))![1]!), 'utf8')).not.toContain('sourceMappingURL')
})
