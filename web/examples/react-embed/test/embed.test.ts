// The built pages on an origin of their own, with the server elsewhere.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from 'vite'
import { launch, temporary } from '../../../client/test/browser/browser.ts'
import { Front } from '../../../client/test/browser/front.ts'
import { downloaded, fileOf, goodLines, sha256 } from '../../../client/test/data.ts'
import { freePort, startServer } from '../../../test/server.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = temporary('embed')
let server: Awaited<ReturnType<typeof startServer>>
let front: Front
let browser: Browser

beforeAll(async () => {
  const port = await freePort()
  front = await new Front(pages.path, () => '', false).start()
  process.env['VITE_FRESHET_URL'] = `http://127.0.0.1:${port}`
  const built = build({ root, logLevel: 'warn', build: { outDir: pages.path, emptyOutDir: true, modulePreload: false } })
  ;[server, browser] = await Promise.all([startServer(['--cors-origin', front.url, '--part-size', '1MiB'], { port }), launch(), built])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await front?.stop()
  await server?.stop()
  pages.remove()
})

/** What a checker of accessibility has to say. */
async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') })
  const { violations } = await page.evaluate(() => (window as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run())
  return violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`)
}

test('another application uploads through its own pages, and shows what is there', async () => {
  const page = await browser.newPage()
  const faults: string[] = []
  page.on('pageerror', e => faults.push(String(e)))
  page.on('console', m => { if (m.type() === 'error') faults.push(m.text()) })
  await page.goto(front.url)
  await page.getByText('0 files are ready to train on').waitFor()
  const content = goodLines(5 << 20)
  await page.getByRole('button', { name: 'Data' }).click()
  await page.getByLabel(/Choose files to upload/).setInputFiles(fileOf(content, 'corpus.jsonl'))
  await page.getByRole('button', { name: 'Plan' }).click() // it goes on while another page is shown
  await page.getByText('1 file is ready to train on').waitFor({ timeout: 20_000 })
  await page.getByText('corpus.jsonl, ').waitFor()
  await page.getByRole('rowheader', { name: 'text' }).waitFor()
  await page.getByRole('button', { name: 'Data' }).click()
  await page.getByText('Received and checked', { exact: true }).waitFor()
  const { files } = await (await fetch(`${server.url}/data/efficient/staged-files`)).json() as { files: { file_id: string }[] }
  expect(await downloaded(server.url, files[0]!.file_id)).toBe(sha256(content))
  expect(await page.getByRole('region', { name: 'Staged files' }).innerText()).toContain('corpus.jsonl')
  expect(faults).toEqual([])
})

test('an upload is steered and goes on after a reload, by keyboard and with names for all that can be done', async () => {
  const page = await browser.newPage()
  page.on('dialog', d => void d.accept()) // the question before leaving while bytes move
  let slow = true
  let asked = () => {}
  const begun = new Promise<void>(resolve => { asked = resolve })
  await page.route('**/parts/*', async route => {
    asked()
    return slow ? new Promise(() => {}) : route.continue()
  })
  await page.goto(front.url)
  await page.getByRole('button', { name: 'Data' }).click()
  const content = goodLines(4 << 20)
  const path = fileOf(content, 'slow.jsonl')
  await page.getByLabel(/Choose files to upload/).setInputFiles(path)
  const pause = page.getByRole('button', { name: 'Pause slow.jsonl' })
  await pause.waitFor()
  await begun // before its first part an upload is remembered nowhere
  expect(await page.getByRole('progressbar', { name: 'slow.jsonl: sent' }).count()).toBe(1)
  expect(await violations(page)).toEqual([])
  await pause.press('Enter')
  await page.getByText('Paused', { exact: true }).waitFor()
  await page.reload()
  slow = false
  await page.getByRole('button', { name: 'Data' }).click()
  const again = page.getByLabel('Choose slow.jsonl again')
  await again.setInputFiles(fileOf(goodLines(4 << 20), 'slow.jsonl'))
  await page.getByText('This is not the same file').waitFor()
  expect(await violations(page)).toEqual([])
  await again.setInputFiles(path)
  await page.getByText('Received and checked', { exact: true }).waitFor()
  const { files } = await (await fetch(`${server.url}/data/efficient/staged-files?q=slow`)).json() as { files: { file_id: string }[] }
  expect(await downloaded(server.url, files[0]!.file_id)).toBe(sha256(content))
  await page.getByRole('button', { name: 'Remove from this list slow.jsonl' }).press('Enter')
  await page.getByRole('list', { name: 'Files on their way' }).waitFor({ state: 'detached' })
})
