import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from 'vite'
import { launch, temporary } from '../../../client/test/browser/browser.ts'
import { Front } from '../../../client/test/browser/front.ts'
import { badLines, fileOf, goodLines, sha256 } from '../../../client/test/data.ts'
import { startServer } from '../../../test/server.mjs'

const here = (p: string) => fileURLToPath(new URL(p, import.meta.url))
const pages = temporary('guide')
let server: Awaited<ReturnType<typeof startServer>>
let front: Front
let browser: Browser
let page: Page
const faults: string[] = []

beforeAll(async () => {
  const built = build({ root: here('..'), configFile: false, logLevel: 'warn', build: { outDir: pages.path, emptyOutDir: true, modulePreload: false } })
  ;[server, browser] = await Promise.all([startServer(), launch(), built])
  front = await new Front(pages.path, () => server.url).start()
  page = await browser.newPage()
  page.on('pageerror', e => faults.push(String(e)))
  page.on('console', m => { if (m.type() === 'error') faults.push(m.text()) })
  await page.goto(front.url)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await front?.stop()
  await server?.stop()
  pages.remove()
})

const send = (content: Buffer, name: string) => page.setInputFiles('input[type=file]', fileOf(content, name))
const shown = (text: string | RegExp) => page.getByText(text).waitFor({ timeout: 15_000 })

test('a failing file is told, with its progress', async () => {
  await send(badLines(50_000), 'bad.jsonl')
  await shown('Status: failed')
  await shown(/^Progress: \d+\.\d%$/)
  await shown('File Size: 0.05 MB')
  await shown(/^Error: .+/)
  expect(await page.locator('input[type=file]').isEnabled()).toBe(true)
})

test('a good file is followed until it is fresh, and the list shows both', async () => {
  await send(goodLines(3_000_000), 'good.jsonl')
  await shown('Status: fresh')
  await shown('Progress: 100.0%')
  await shown('Chunks: 1')
  await shown('good.jsonl - fresh - 2.86 MB')
  await shown('bad.jsonl - failed - 0.05 MB')
  expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(1)
})

test('Retry has the file checked again: it fails again, and says so', async () => {
  const answers: string[] = []
  page.on('response', r => { if (r.request().method() === 'POST') answers.push(`${r.status()} ${new URL(r.url()).pathname.replace(/file_.*/, 'ID')}`) })
  const listed = page.waitForResponse(async r => r.url().includes('/staged-files') && (await r.text()).includes('"failed"') && answers.length > 0)
  await page.getByRole('button', { name: 'Retry' }).click()
  await listed
  expect(answers).toEqual(['202 /data/efficient/retry-failed-file/ID'])
  await shown('bad.jsonl - failed - 0.05 MB')
})

test('with other rules the same file passes, and the page shows it after the next upload', async () => {
  const { files } = await (await fetch(`${server.url}/data/efficient/staged-files?q=bad`)).json() as { files: { file_id: string }[] }
  await fetch(`${server.url}/data/efficient/process-file/${files[0]!.file_id}?wait=20s`, { method: 'POST', body: '{"max_errors": 1}', headers: { 'Content-Type': 'application/json' } })
  await send(goodLines(10_000), 'next.jsonl')
  await shown(/^next.jsonl - fresh/)
  await shown('bad.jsonl - fresh - 0.05 MB')
  expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(0)
  expect(faults).toEqual([])
})

// The sums are those of the two blocks of code as the guide has them.
test('the code is the guide\'s but for what its README says', () => {
  const code = readFileSync(here('../src/components/LargeFileUpload.tsx'), 'utf8')
  const added = /\n  const retryFile = useCallback[\s\S]*?\}, \[loadStagedFiles\]\);\n/
  expect(code).toMatch(added)
  expect(sha256(Buffer.from(code.replace(added, '').replaceAll('}, []);', '};')))).toBe('862cbcc0b2b99d3df6c47741b10b869b612c1720a3f9972b1d161fb1026b2c77')
  const service = readFileSync(here('../src/services/apiService.ts'), 'utf8')
  expect(sha256(Buffer.from(service.slice(service.indexOf('// Add to apiService.ts'))))).toBe('13cc91378c89810cdb676a71133df49397b1f7c0093b1bea96fe839d920a6684')
})
