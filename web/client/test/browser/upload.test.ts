import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { badLines, downloaded, fileOf, goodLines, sha256 } from '../data.ts'
import { temporary, until } from './browser.ts'
import { MiB, Stage } from './stage.ts'

const stage = new Stage()

test('a file goes in parts side by side and arrives as it is', async () => {
  const content = goodLines(12 * MiB)
  stage.front.rate = 6 * MiB
  await stage.add(content)
  const midway = await until(stage.page, t => (t.parts.match(/a/g) ?? []).length === 4, 'four parts at once')
  expect(midway).toMatchObject({ state: 'sending', partSize: MiB, partCount: 13, elsewhere: false })
  const seen: number[] = []
  while ((await stage.page.evaluate(() => window.page.transfer()!.state)) === 'sending') {
    const t = await stage.page.evaluate(() => window.page.transfer()!)
    expect(t.sent).toBeLessThanOrEqual(t.size)
    expect(t.sent).toBeGreaterThanOrEqual(t.committed)
    expect(t.sent).toBeGreaterThanOrEqual(seen.at(-1) ?? 0)
    seen.push(t.sent)
  }
  expect(new Set(seen).size).toBeGreaterThan(1) // it moves; buffers of sockets hold whole parts of this size
  const t = await until(stage.page, t => t.state === 'done', 'the end')
  expect(t).toMatchObject({ sent: content.length, committed: content.length, error: null, parts: 'd'.repeat(13), result: { is_duplicate: false, file_id: t.fileId } })
  expect(await downloaded(stage.server.url, t.fileId!)).toBe(sha256(content))
  expect(stage.front.parts.length).toBe(13)
  expect(await stage.page.evaluate(() => window.page.states[window.page.transfer()!.id]!.join(' '))).toMatch(/^waiting sending (finishing )?done$/) // what lasts less than a frame is not told
  expect(stage.page.workers().map(w => w.url())).toEqual([expect.stringMatching(/^http:.*crc-worker.*\.js$/)])
})

test('the page is told at most every quarter of a second while bytes move', async () => {
  stage.front.rate = 4 * MiB
  await stage.add(goodLines(8 * MiB))
  await until(stage.page, t => t.state === 'sending' && t.sent > 0, 'movement')
  const [before, after] = await stage.page.evaluate(async () => {
    const from = window.page.snapshots
    await new Promise(resolve => setTimeout(resolve, 1000))
    return [from, window.page.snapshots]
  })
  expect(after! - before!).toBeGreaterThanOrEqual(2)
  expect(after! - before!).toBeLessThanOrEqual(5)
})

test('pause stops requests at once, resume sends only what is missing', async () => {
  stage.front.rate = 4 * MiB
  const [id] = await stage.add(goodLines(16 * MiB))
  await until(stage.page, t => t.committed >= 4 << 20, 'some parts')
  await stage.page.evaluate(id => window.page.uploads.pause(id), id)
  const paused = await stage.page.evaluate(() => window.page.transfer()!)
  expect(paused).toMatchObject({ state: 'paused', speed: 0, eta: null, sent: paused.committed })
  expect(await stage.page.evaluate(() => window.page.uploads.moving)).toBe(false)
  const at = Date.now()
  await stage.page.waitForTimeout(1500)
  expect(stage.front.seen.filter(s => s.at > at + 50)).toEqual([])
  const safe = (await (await fetch(`${stage.server.url}/data/efficient/uploads/${paused.uploadId}`)).json() as { parts: string[] }).parts
  const had = new Set(safe.flatMap(r => {
    const [from = 0, to = from] = r.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  }))
  expect(had.size).toBeGreaterThanOrEqual(4)
  stage.front.rate = 0
  stage.front.seen = []
  await stage.page.evaluate(id => window.page.uploads.resume(id), id)
  const done = await until(stage.page, t => t.state === 'done', 'the end')
  const sent = stage.front.parts.map(s => Number(s.path.split('/').at(-1)))
  expect(sent.filter(n => had.has(n))).toEqual([])
  expect(sent.length + had.size).toBe(done.partCount)
})

test('files go in the order in which they were added, two at once', async () => {
  stage.front.rate = 6 * MiB
  await stage.add([goodLines(4 * MiB), goodLines(2 * MiB), goodLines(1000), goodLines(1000)])
  await until(stage.page, t => t.state === 'sending' && t.sent > 0, 'the first')
  expect(await stage.page.evaluate(() => window.page.uploads.transfers.map(t => t.state))).toEqual(['sending', expect.stringMatching(/sending/), 'waiting', 'waiting'])
  for (let i = 0; i < 4; i++) await until(stage.page, t => t.state === 'done', `the end of ${i}`, i)
  const creations = stage.front.seen.filter(s => s.method === 'POST' && s.path.endsWith('/uploads'))
  expect(creations.length).toBe(4)
})

test('cancel ends it on the server too', async () => {
  stage.front.rate = MiB
  const [id] = await stage.add(goodLines(8 * MiB))
  const t = await until(stage.page, t => t.sent > 0, 'movement')
  await stage.page.evaluate(id => window.page.uploads.cancel(id!), id)
  expect(await stage.page.evaluate(() => window.page.transfer()!.state)).toBe('canceled')
  const status = await (await fetch(`${stage.server.url}/data/efficient/uploads/${t.uploadId}`)).json() as { state: string }
  expect(status.state).toBe('aborted')
  await stage.page.evaluate(id => window.page.uploads.dismiss(id!), id)
  expect(await stage.page.evaluate(() => window.page.uploads.transfers)).toEqual([])
  await stage.page.reload()
  await stage.page.evaluate(() => window.page.start().uploads.restore())
  expect(await stage.page.evaluate(() => window.page.uploads.transfers)).toEqual([])
})

test('checks that end an upload are told with what they found', async () => {
  await stage.add(badLines(6 * MiB), { rules: { fail_fast: true } })
  const t = await until(stage.page, t => t.state === 'failed', 'the failure')
  expect(t.error).toMatchObject({ status: 422, code: 'checks-failed', message: expect.stringContaining('json-syntax') })
})

test('a file that is empty, or too large, fails with a reason', async () => {
  await stage.add([Buffer.alloc(0), goodLines(2 * MiB)], {}, { maxFileSize: MiB })
  expect((await until(stage.page, t => t.state === 'failed', 'the empty one')).error).toMatchObject({ code: 'empty-file', status: 422 })
  expect((await until(stage.page, t => t.state === 'failed', 'the large one', 1)).error).toMatchObject({ code: 'file-too-large', status: 413 })
  expect(stage.front.seen.length).toBe(1)
})

test('the same content again is told as a duplicate', async () => {
  const content = goodLines(MiB)
  await stage.add([content])
  const first = await until(stage.page, t => t.state === 'done', 'the first')
  await stage.page.evaluate(() => window.page.add())
  const again = await until(stage.page, t => t.state === 'done', 'the second', 1)
  expect(again.result).toMatchObject({ is_duplicate: true, file_id: first.fileId })
})

test('a drop gives the files of its folders too, with handles', async () => {
  const { path, remove } = temporary('drop')
  onTestFinished(remove)
  const names = Array.from({ length: 130 }, (_, i) => `n${i}.jsonl`) // a reader gives a hundred at a time
  mkdirSync(join(path, 'folder/deep'), { recursive: true })
  for (const name of names) writeFileSync(join(path, 'folder/deep', name), '{}\n')
  const single = fileOf(Buffer.from('{}\n'), 'single.jsonl')
  const session = await stage.page.context().newCDPSession(stage.page)
  const data = { items: [], files: [single, join(path, 'folder')], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, x: 50, y: 50, data })
  await stage.page.waitForFunction(() => window.page.dropped !== undefined)
  const { files, unreadable } = await stage.page.evaluate(async () => {
    const { files, unreadable } = await window.page.dropped!
    return { unreadable, files: files.map(f => ({ path: f.path ?? f.file.name, size: f.file.size, handle: f.handle?.kind })) }
  })
  expect(unreadable).toEqual([])
  expect(files[0]).toEqual({ path: 'single.jsonl', size: 3, handle: 'file' })
  expect(files.slice(1).map(f => f.path).sort()).toEqual(names.map(n => `folder/deep/${n}`).sort())
  expect(files.every(f => f.size === 3 && f.handle === 'file')).toBe(true)
})
