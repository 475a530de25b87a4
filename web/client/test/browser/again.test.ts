// What was begun goes on: after a reload, a kill, and in another tab.
import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { downloaded, fileOf, goodLines, sha256 } from '../data.ts'
import { startServer } from '../../../test/server.mjs'
import { buildPage, launch, launchOn, pick, temporary, until, watch } from './browser.ts'
import { Front } from './front.ts'

const MiB = 1 << 20
let server: Awaited<ReturnType<typeof startServer>>
let front: Front
let browser: Browser
const pages = temporary('pages')

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(['--part-size', '1MiB']), launch(), buildPage(pages.path)])
  front = await new Front(pages.path, () => server.url).start()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await front?.stop()
  await server?.stop()
  pages.remove()
})

beforeEach(() => {
  front.rate = 0
  front.fault = () => undefined
  front.seen = []
})

async function open(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await watch(page)
  await page.goto(front.url)
  return page
}

/** Sends a file until some of it is safe. */
async function begin(page: Page, path: string) {
  front.rate = 4 * MiB
  await pick(page, path)
  await page.evaluate(() => window.page.start().add({ dataType: 'red_team', description: 'kept' }))
  return until(page, t => t.committed >= 2 << 20, 'some parts')
}

const choose = (page: Page) => page.evaluate(() => window.page.uploads.choose(window.page.transfer()!.id, window.page.files()[0]!).then(() => 'chosen', e => `${e.code}: ${e.message}`))

test('after a reload the file is chosen again and the rest is sent', async () => {
  const context = await browser.newContext()
  const page = await open(context)
  const content = goodLines(10 * MiB)
  const path = fileOf(content)
  const before = await begin(page, path)
  await page.reload()
  await page.evaluate(() => window.page.start().uploads.restore())
  const t = await until(page, t => t.state === 'needs_file', 'the wish for the file')
  expect(t).toMatchObject({ name: 'data.jsonl', size: content.length, dataType: 'red_team', uploadId: before.uploadId, fileId: before.fileId, canContinue: false, elsewhere: false, error: null })
  expect(t.committed).toBeGreaterThanOrEqual(before.committed)
  front.rate = 0
  front.seen = []
  await pick(page, path)
  expect(await choose(page)).toBe('chosen')
  const done = await until(page, t => t.state === 'done', 'the end')
  expect(front.parts.length).toBeLessThanOrEqual(done.partCount - 2)
  expect(await downloaded(server.url, done.fileId!)).toBe(sha256(content))
  await page.reload() // it is forgotten
  await page.evaluate(() => window.page.start().uploads.restore())
  expect(await page.evaluate(() => window.page.uploads.transfers)).toEqual([])
  await context.close()
})

test('another file is refused, by size, by time and by content', async () => {
  const context = await browser.newContext()
  const page = await open(context)
  const content = goodLines(6 * MiB)
  const path = fileOf(content)
  await begin(page, path)
  await page.reload()
  await page.evaluate(() => window.page.start().uploads.restore())
  const time = new Date(Date.now() - 60_000)
  const others = [content.subarray(0, -1), content, Buffer.from(content)].map(c => fileOf(c))
  utimesSync(others[1]!, time, time)
  const original = await page.evaluate(() => window.page.transfer()!.size)
  expect(original).toBe(content.length)
  const same = readFileSync(path)
  same[3 * MiB]! ^= 1 // may lie between the sampled blocks: then part-differs would tell; the ends are always sampled
  same[same.length - 2]! ^= 1
  writeFileSync(others[2]!, same)
  await pick(page, path)
  const modified = await page.evaluate(() => window.page.files()[0]!.lastModified)
  utimesSync(others[2]!, new Date(modified), new Date(modified))
  for (const other of others) {
    await page.setInputFiles('#pick', other)
    expect(await choose(page), other).toBe('not-the-same-file: This is not the same file')
    expect(await page.evaluate(() => window.page.transfer()!.state)).toBe('needs_file')
  }
  await pick(page, path)
  expect(await choose(page)).toBe('chosen')
  await until(page, t => t.state === 'done', 'the end')
  await context.close()
})

test('an upload that the server no longer has is told, and forgotten', async () => {
  const context = await browser.newContext()
  const page = await open(context)
  const t = await begin(page, fileOf(goodLines(6 * MiB)))
  await page.goto('about:blank')
  await fetch(`${server.url}/data/efficient/uploads/${t.uploadId}`, { method: 'DELETE' })
  await page.goto(front.url)
  await page.evaluate(() => window.page.start().uploads.restore())
  const gone = await until(page, t => t.state === 'failed', 'the note')
  expect(gone.error).toMatchObject({ status: 410, message: expect.stringContaining('no longer has') })
  await page.reload()
  await page.evaluate(() => window.page.start().uploads.restore())
  expect(await page.evaluate(() => window.page.uploads.transfers)).toEqual([])
  await context.close()
})

test('an upload that was complete but for the answer is done at once', async () => {
  const context = await browser.newContext()
  const page = await open(context)
  front.fault = r => r.path.endsWith('/complete') ? { status: 503 } : undefined
  await page.setInputFiles('#pick', fileOf(goodLines(MiB)))
  await page.evaluate(() => window.page.start().add())
  const t = await until(page, t => t.state === 'retrying' && t.committed === t.size, 'the end of the parts')
  await page.goto('about:blank')
  front.fault = () => undefined
  await fetch(`${server.url}/data/efficient/uploads/${t.uploadId}/complete`, { method: 'POST' })
  await page.goto(front.url)
  await page.evaluate(() => window.page.start().uploads.restore())
  const done = await until(page, t => t.state === 'done', 'the end')
  expect(done.result?.file_id).toBe(t.fileId)
  await context.close()
})

test('a browser that is killed goes on where it was', async () => {
  const profile = temporary('profile')
  const content = goodLines(10 * MiB)
  const path = fileOf(content)
  let killable = await launchOn(profile.path)
  let page = await open(killable.context)
  const before = await begin(page, path)
  await killable.kill()
  front.rate = 0
  front.seen = []
  killable = await launchOn(profile.path)
  page = await open(killable.context)
  await page.evaluate(() => window.page.start().uploads.restore())
  const t = await until(page, t => t.state === 'needs_file', 'the wish for the file')
  expect(t.uploadId).toBe(before.uploadId)
  await pick(page, path)
  expect(await choose(page)).toBe('chosen')
  const done = await until(page, t => t.state === 'done', 'the end')
  expect(front.parts.length).toBeLessThanOrEqual(done.partCount - 2)
  expect(await downloaded(server.url, done.fileId!)).toBe(sha256(content))
  await killable.kill()
  profile.remove()
}, 60_000)

test('with a stored handle one resume() goes on after a reload', async () => {
  const context = await browser.newContext()
  const page = await open(context)
  front.rate = 4 * MiB
  const id = await page.evaluate(async () => {
    // A file of the page's own store: its handle can be stored and read without asking, as one that the person allowed.
    const handle = await (await navigator.storage.getDirectory()).getFileHandle('own.jsonl', { create: true })
    const out = await handle.createWritable()
    await out.write(Array.from({ length: 8 * 1024 }, (_, i) => `${JSON.stringify({ id: i, text: crypto.randomUUID().repeat(28) })}\n`).join(''))
    await out.close()
    return window.page.start().uploads.add([{ file: await handle.getFile(), handle }])[0]!.id
  })
  expect(id).toBeTruthy()
  await until(page, t => t.committed >= 1 << 20, 'a part')
  await page.reload()
  front.rate = 0
  await page.evaluate(() => window.page.start().uploads.restore())
  const t = await until(page, t => t.state === 'needs_file', 'the wish for the file')
  expect(t.canContinue).toBe(true)
  await page.evaluate(() => window.page.uploads.resume(window.page.transfer()!.id))
  await until(page, t => t.state === 'done', 'the end')
  await context.close()
})

test('of two tabs one sends and the other follows, steers, and takes over', async () => {
  const context = await browser.newContext()
  const [a, b] = [await open(context), await open(context)]
  await b.evaluate(() => window.page.start())
  const content = goodLines(12 * MiB)
  const path = fileOf(content)
  const t = await begin(a, path)
  const followed = await until(b, t => t.elsewhere && t.state === 'sending' && t.committed > 2 << 20, 'the other tab')
  expect(followed).toMatchObject({ uploadId: t.uploadId, name: 'data.jsonl', size: content.length })
  expect(await b.evaluate(() => window.page.uploads.moving)).toBe(false)
  await b.evaluate(() => window.page.uploads.pause(window.page.transfer()!.id))
  await until(a, t => t.state === 'paused', 'the pause')
  await until(b, t => t.state === 'paused', 'word of the pause')

  const c = await open(context) // a tab that comes later
  await c.evaluate(() => window.page.start().uploads.restore())
  await until(c, t => t.elsewhere && t.state === 'paused', 'a third tab')
  await c.close()

  await b.evaluate(() => window.page.uploads.resume(window.page.transfer()!.id))
  await until(a, t => t.state === 'sending', 'the resumption')
  await b.setInputFiles('#pick', path)
  await a.close()
  await until(b, t => t.state === 'needs_file' && !t.elsewhere, 'the end of the first tab')
  front.rate = 0
  expect(await choose(b)).toBe('chosen')
  const done = await until(b, t => t.state === 'done', 'the end')
  expect(await downloaded(server.url, done.fileId!)).toBe(sha256(content))
  await context.close()
})

test('a tab that follows sees the end', async () => {
  const context = await browser.newContext()
  const [a, b] = [await open(context), await open(context)]
  await b.evaluate(() => window.page.start())
  await begin(a, fileOf(goodLines(6 * MiB)))
  const done = await until(b, t => t.state === 'done', 'the end')
  expect(done.result?.file_id).toBe(done.fileId)
  await b.evaluate(() => window.page.uploads.dismiss(window.page.transfer()!.id))
  expect(await b.evaluate(() => window.page.uploads.transfers)).toEqual([])
  await context.close()
})

test('a tab that follows cancels, and sends one that failed again', async () => {
  const context = await browser.newContext()
  const [a, b] = [await open(context), await open(context)]
  await b.evaluate(() => window.page.start())
  let full = true
  front.fault = r => r.method === 'PUT' && r.path.endsWith('/6') && full ? { status: 507 } : undefined
  const t = await begin(a, fileOf(goodLines(6 * MiB)))
  expect(await until(b, t => t.state === 'failed', 'the failure')).toMatchObject({ elsewhere: true, canChoose: false, error: { status: 507 } })
  front.rate = MiB
  full = false
  await b.evaluate(() => window.page.uploads.retry(window.page.transfer()!.id))
  await until(a, t => t.state === 'sending', 'the other try')
  await until(b, t => t.state === 'sending', 'word of it')
  await b.evaluate(() => window.page.uploads.cancel(window.page.transfer()!.id))
  await until(a, t => t.state === 'canceled', 'the end')
  await until(b, t => t.state === 'canceled', 'word of the end')
  expect(await (await fetch(`${server.url}/data/efficient/uploads/${t.uploadId}`)).json()).toMatchObject({ state: 'aborted' })
  await context.close()
})
