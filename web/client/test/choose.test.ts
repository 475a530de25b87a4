// A file that changes or goes away while it is sent, and is chosen again.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createClient, Uploads, type Transfer } from '../src/index.ts'
import { downloaded, goodLines, sha256 } from './data.ts'
import { startServer } from '../../test/server.mjs'
import { until } from './wait.ts'
import { NodeXHR } from './xhr.ts'

let server: Awaited<ReturnType<typeof startServer>>
let uploads: Uploads

beforeAll(async () => { server = await startServer(['--part-size', '1MiB']) })
afterAll(() => server?.stop())
beforeEach(() => {
  vi.stubGlobal('XMLHttpRequest', NodeXHR)
  NodeXHR.gate = async () => {}
  NodeXHR.sent = []
  uploads = new Uploads({ client: createClient({ baseUrl: server.url }), parallel: 1, maxFileSize: 8 << 20 })
})
afterEach(() => {
  uploads.close()
  vi.unstubAllGlobals()
})

const fileOf = (content: Buffer, lastModified: number, name = 'f.jsonl') => new File([new Uint8Array(content)], name, { lastModified })
const stateOf = async (uploadId: string | null) => (await (await fetch(`${server.url}/data/efficient/uploads/${uploadId}`)).json() as { state: string }).state

/** Sends a file of which only the first part can be read. */
async function broken(content: Buffer): Promise<Transfer> {
  const file = fileOf(content, 1000)
  file.slice = (from = 0, to) => {
    const blob = Blob.prototype.slice.call(file, from, to)
    if (from >= 1 << 20 && blob.size > 64 << 10) blob.stream = () => new ReadableStream({ start: c => c.error(new DOMException('it changed', 'NotReadableError')) })
    return blob
  }
  const [{ id }] = uploads.add([{ file, path: 'march/f.jsonl' }]) as [Transfer]
  return until(uploads, id, t => t.state === 'failed')
}

test('the same file goes on', async () => {
  const content = goodLines(5 << 19)
  const failed = await broken(content)
  expect(failed).toMatchObject({ error: { code: 'file-unreadable' }, canChoose: true, committed: 1 << 20 })
  await uploads.choose(failed.id, fileOf(content, 1000))
  const done = await until(uploads, failed.id, t => t.state === 'done')
  expect(done).toMatchObject({ uploadId: failed.uploadId, canChoose: false })
  expect(NodeXHR.sent.filter(url => url.endsWith('/parts/1'))).toHaveLength(1)
  expect(await downloaded(server.url, done.fileId!)).toBe(sha256(content))
})

test('one that changed is sent in place of it, from its first byte', async () => {
  const failed = await broken(goodLines(5 << 19))
  const content = goodLines(7 << 19)
  await uploads.choose(failed.id, fileOf(content, 2000, 'g.jsonl'))
  expect(uploads.transfers[0]).toMatchObject({ name: 'g.jsonl', path: 'march/g.jsonl', size: content.length, uploadId: null, sent: 0, committed: 0, parts: '', error: null })
  expect(await stateOf(failed.uploadId)).toBe('aborted')
  const done = await until(uploads, failed.id, t => t.state === 'done')
  expect(done).toMatchObject({ size: content.length, committed: content.length, partCount: 4 })
  expect(done.uploadId).not.toBe(failed.uploadId)
  expect(await downloaded(server.url, done.fileId!)).toBe(sha256(content))
})

test('one that changed and is too large now fails with that', async () => {
  const failed = await broken(goodLines(5 << 19))
  await uploads.choose(failed.id, fileOf(goodLines(9 << 20), 2000))
  expect(uploads.transfers[0]).toMatchObject({ state: 'failed', canChoose: false, error: { code: 'file-too-large' } })
})

test('without the server nothing is given up: it can be chosen once more', async () => {
  const failed = await broken(goodLines(5 << 19))
  await server.kill()
  const content = goodLines(5 << 19)
  await expect(uploads.choose(failed.id, fileOf(content, 2000))).rejects.toMatchObject({ code: 'unreachable' })
  expect(uploads.transfers[0]).toBe(failed)
  await server.again()
  await uploads.choose(failed.id, fileOf(content, 2000))
  await until(uploads, failed.id, t => t.state === 'done')
})

test('a failure of another kind takes no other file', async () => {
  const [{ id }] = uploads.add([fileOf(goodLines(1000), 1000)], { rules: { min_records: 'many' as unknown as number } }) as [Transfer]
  expect((await until(uploads, id, t => t.state === 'failed')).canChoose).toBe(false)
  await expect(uploads.choose(id, fileOf(goodLines(5000), 2000))).rejects.toMatchObject({ code: 'not-the-same-file' })
})
