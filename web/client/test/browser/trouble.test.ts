import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { downloaded, fileOf, goodLines, sha256 } from '../data.ts'
import { until } from './browser.ts'
import { MiB, Stage } from './stage.ts'

const stage = new Stage()

test('a busy server is tried again when it said, and the page sees when', async () => {
  let busy = true
  stage.front.fault = r => r.method === 'PUT' && busy ? { status: 503, headers: { 'Retry-After': '2' } } : undefined
  await stage.add(goodLines(3 * MiB))
  const t = await until(stage.page, t => t.state === 'retrying' && t.retryAt !== null, 'retrying')
  expect(t.retryAt! - Date.now()).toBeGreaterThan(1000)
  expect(t).toMatchObject({ attempt: 1, error: { status: 503 } })
  const first = stage.front.parts.at(-1)!.at
  busy = false
  await until(stage.page, t => t.state === 'done', 'the end')
  expect(stage.front.parts.find(s => s.status === 200)!.at - first).toBeGreaterThanOrEqual(1900)
})

test('resume() of one that waits tries at once', async () => {
  let busy = true
  stage.front.fault = r => r.method === 'PUT' && busy ? { status: 503, headers: { 'Retry-After': '60' } } : undefined
  const [id] = await stage.add(goodLines(MiB))
  await until(stage.page, t => t.state === 'retrying' && t.retryAt !== null, 'retrying')
  busy = false
  await stage.page.evaluate(id => window.page.uploads.resume(id), id)
  await until(stage.page, t => t.state === 'done', 'the end', 0, 5000)
})

test('a connection that is cut in the middle of parts is made again', async () => {
  const content = goodLines(6 * MiB)
  let cut = true
  stage.front.fault = r => r.method === 'PUT' && cut ? { cutAfter: 300_000 } : undefined
  await stage.add(content)
  const broken = await until(stage.page, t => t.state === 'retrying', 'retrying')
  expect(broken).toMatchObject({ error: { status: 0, code: 'unreachable' }, attempt: 1, committed: 0, sent: 0 })
  cut = false
  const t = await until(stage.page, t => t.state === 'done', 'the end')
  expect(await downloaded(stage.server.url, t.fileId!)).toBe(sha256(content))
})

test('a part that is damaged on its way is noticed, and sent again', async () => {
  const content = goodLines(3 * MiB)
  let left = 1
  stage.front.fault = r => r.method === 'PUT' && left-- > 0 ? { damaged: true } : undefined
  await stage.add(content)
  const t = await until(stage.page, t => t.state === 'done', 'the end')
  expect(stage.front.parts.map(s => s.status).sort()).toEqual([200, 200, 200, 200, 422])
  expect(await downloaded(stage.server.url, t.fileId!)).toBe(sha256(content))
})

test('where the worker does not load the page counts itself', async () => {
  await stage.page.route('**/crc-worker*', route => route.abort())
  const content = goodLines(3 * MiB)
  await stage.add(content)
  const t = await until(stage.page, t => t.state === 'done', 'the end')
  expect(await downloaded(stage.server.url, t.fileId!)).toBe(sha256(content))
})

test('a server that is killed in the middle and comes back gets the rest', async () => {
  const content = goodLines(10 * MiB)
  stage.front.rate = 5 * MiB
  await stage.add(content)
  await until(stage.page, t => t.committed >= 2 << 20, 'some parts')
  await stage.server.kill()
  await until(stage.page, t => t.state === 'retrying', 'retrying')
  stage.front.rate = 0
  await stage.server.again()
  const t = await until(stage.page, t => t.state === 'done', 'the end')
  expect(await downloaded(stage.server.url, t.fileId!)).toBe(sha256(content))
  expect(stage.front.parts.filter(s => s.status === 200).length).toBeLessThanOrEqual(t.partCount)
})

test('offline stops, online goes on', async () => {
  await stage.page.goto(stage.front.url.replace('127.0.0.1', 'freshet.test')) // of a loopback name the browser's word is not taken
  stage.front.rate = 4 * MiB
  await stage.add([goodLines(8 * MiB), goodLines(1000)], {}, { atOnce: 1 })
  await until(stage.page, t => t.committed > 0, 'a part')
  await stage.page.context().setOffline(true)
  await until(stage.page, t => t.state === 'offline', 'offline')
  await until(stage.page, t => t.state === 'offline', 'offline, of one that waited', 1)
  const at = Date.now()
  await stage.page.waitForTimeout(700)
  expect(stage.front.seen.filter(s => s.at > at + 50)).toEqual([])
  stage.front.rate = 0
  await stage.page.context().setOffline(false)
  await until(stage.page, t => t.state === 'done', 'the end')
  await until(stage.page, t => t.state === 'done', 'the end of the other', 1)
})

test('cancel before the answer to the first call leaves nothing behind', async () => {
  let hold = true
  stage.front.fault = r => r.method === 'POST' && hold ? { status: 503 } : undefined
  const [id] = await stage.add(goodLines(MiB))
  await until(stage.page, t => t.state === 'retrying', 'retrying')
  hold = false
  const before = await (await fetch(`${stage.server.url}/data/efficient/health`)).json() as { active_uploads: number }
  await stage.page.evaluate(id => window.page.uploads.cancel(id!), id)
  const after = await (await fetch(`${stage.server.url}/data/efficient/health`)).json() as { active_uploads: number }
  expect(after.active_uploads).toBe(before.active_uploads)
})

test('a file that changes while it is sent ends with a reason, and is chosen as it is now', async () => {
  const path = fileOf(goodLines(8 * MiB))
  stage.front.rate = 4 * MiB
  await stage.page.setInputFiles('#pick', path)
  await stage.page.evaluate(() => window.page.start().add())
  await until(stage.page, t => t.committed > 0, 'a part')
  writeFileSync(path, goodLines(8 * MiB))
  const t = await until(stage.page, t => t.state === 'failed', 'the failure')
  expect(t).toMatchObject({ error: { code: 'file-unreadable' }, canChoose: true })
  stage.front.rate = 0
  const content = goodLines(5 * MiB)
  writeFileSync(path, content)
  await stage.page.setInputFiles('#pick', path)
  await stage.page.evaluate(id => window.page.uploads.choose(id, window.page.files()[0]!), t.id)
  const done = await until(stage.page, t => t.state === 'done', 'the end')
  expect(done.uploadId).not.toBe(t.uploadId)
  expect(await downloaded(stage.server.url, done.fileId!)).toBe(sha256(content))
  const old = await (await fetch(`${stage.server.url}/data/efficient/uploads/${t.uploadId}`)).json() as { state: string }
  expect(old.state).toBe('aborted')
})

test('an upload that is gone ends with a reason, and retry sends it anew', async () => {
  stage.front.rate = 2 * MiB
  const content = goodLines(6 * MiB)
  const [id] = await stage.add(content)
  const t = await until(stage.page, t => t.committed > 0, 'a part')
  await fetch(`${stage.server.url}/data/efficient/uploads/${t.uploadId}`, { method: 'DELETE' })
  const failed = await until(stage.page, t => t.state === 'failed', 'the failure')
  expect(failed.error).toMatchObject({ status: 410, code: 'upload-aborted' })
  stage.front.rate = 0
  await stage.page.evaluate(id => window.page.uploads.retry(id!), id)
  const done = await until(stage.page, t => t.state === 'done', 'the end')
  expect(done.uploadId).not.toBe(t.uploadId)
  expect(await downloaded(stage.server.url, done.fileId!)).toBe(sha256(content))
})
