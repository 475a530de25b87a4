// What can be done in which state, with a real server and parts that wait for the test.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createClient, Uploads, type Transfer, type UploadsOptions } from '../src/index.ts'
import { goodLines } from './data.ts'
import { startServer } from '../../test/server.mjs'
import { promised, until as wait } from './wait.ts'
import { NodeXHR } from './xhr.ts'

let server: Awaited<ReturnType<typeof startServer>>
let uploads: Uploads
let release: () => void

beforeAll(async () => { server = await startServer(['--part-size', '1MiB']) })
afterAll(() => server?.stop())
beforeEach(() => {
  vi.stubGlobal('XMLHttpRequest', NodeXHR)
  const held = new Promise<void>(resolve => { release = resolve })
  NodeXHR.gate = () => held
  NodeXHR.sent = []
  start()
})
afterEach(() => {
  uploads.close()
  vi.unstubAllGlobals()
})

function start(o: Partial<UploadsOptions> = {}): void {
  uploads?.close()
  uploads = new Uploads({ client: createClient({ baseUrl: server.url }), ...o })
}
const file = (size = 2000, name = 'f.jsonl') => new File([new Uint8Array(goodLines(size))], name)
const state = (id: string) => uploads.transfers.find(t => t.id === id)?.state
const until = (id: string, wanted: (t: Transfer) => boolean) => wait(uploads, id, wanted)

test('only as many files as said are sent at once, in their order', async () => {
  start({ atOnce: 1 })
  const [a, b, c] = uploads.add([file(), file(), file()]).map(t => t.id) as [string, string, string]
  await until(a, t => t.parts === 'a')
  expect([state(a), state(b), state(c)]).toEqual(['sending', 'waiting', 'waiting'])
  uploads.pause(a)
  await until(b, t => t.state === 'sending')
  expect([state(a), state(b), state(c)]).toEqual(['paused', 'sending', 'waiting'])
  uploads.resume(a)
  expect(state(a)).toBe('waiting')
  release()
  await until(c, t => t.state === 'done')
  await until(a, t => t.state === 'done')
  expect(state(b)).toBe('done')
})

test('no more parts than said are on their way, of all files together', async () => {
  start({ parallel: 3, atOnce: 2 })
  const [a, b] = uploads.add([file(5 << 20), file(5 << 20)]).map(t => t.id) as [string, string]
  const active = () => uploads.transfers.map(t => t.parts.replaceAll('.', '')).join('')
  await until(a, () => uploads.transfers.every(t => t.partCount > 0) && active() === 'aaa')
  let most = 0
  const look = () => { most = Math.max(most, active().replaceAll('d', '').length) }
  const end = uploads.subscribe(look)
  look()
  release()
  await Promise.all([until(a, t => t.state === 'done'), until(b, t => t.state === 'done')])
  end()
  expect(most).toBe(3)
})

test('what makes no sense in a state does nothing', async () => {
  const [{ id }] = uploads.add([file()]) as [Transfer]
  await until(id, t => t.parts === 'a')
  const before = uploads.transfers
  uploads.resume(id)
  uploads.retry(id)
  uploads.dismiss(id)
  await uploads.choose(id, file())
  expect(uploads.transfers).toBe(before)
  release()
  await until(id, t => t.state === 'done')
  const after = uploads.transfers
  uploads.pause(id)
  uploads.pause()
  uploads.resume()
  uploads.retry(id)
  await uploads.cancel(id)
  uploads.pause('nobody')
  uploads.dismiss('nobody')
  expect(uploads.transfers).toBe(after)
  uploads.dismiss(id)
  expect(uploads.transfers).toEqual([])
})

test('one that waits is paused, resumed and canceled without a request', async () => {
  start({ atOnce: 1 })
  const [a, b] = uploads.add([file(), file()]).map(t => t.id) as [string, string]
  uploads.pause(b)
  expect(state(b)).toBe('paused')
  uploads.resume(b)
  expect(state(b)).toBe('waiting')
  await uploads.cancel(b)
  expect(uploads.transfers[1]).toMatchObject({ state: 'canceled', uploadId: null })
  release()
  await until(a, t => t.state === 'done')
  uploads.retry(b)
  expect(await until(b, t => t.state === 'done')).toMatchObject({ error: null })
})

test('copies change where something changed, and only there', async () => {
  start({ atOnce: 1 })
  const [a] = uploads.add([file(), file()]) as [Transfer]
  await until(a.id, t => t.parts === 'a')
  const before = uploads.transfers
  uploads.pause(a.id)
  expect(uploads.transfers).not.toBe(before)
  expect(uploads.transfers[0]).not.toBe(before[0])
  expect(before[0]!.state).toBe('sending')
  let calls = 0
  const end = uploads.subscribe(() => { calls++ })
  end()
  uploads.resume(a.id)
  expect(calls).toBe(0)
})

test('moving tells of bytes, not of what is paused', async () => {
  expect(uploads.moving).toBe(false)
  const [{ id }] = uploads.add([file()]) as [Transfer]
  await until(id, t => t.parts === 'a')
  expect(uploads.moving).toBe(true)
  uploads.pause()
  expect(uploads.moving).toBe(false)
})

test('a server that is away: canceling tells so, and the transfer stays', async () => {
  const [{ id }] = uploads.add([file()]) as [Transfer]
  await until(id, t => t.parts === 'a')
  await server.kill()
  await expect(uploads.cancel(id)).rejects.toMatchObject({ status: 0, code: 'unreachable' })
  expect(uploads.transfers[0]).toMatchObject({ state: 'paused', error: { code: 'unreachable' } })
  await server.again()
  await uploads.cancel(id)
  expect(state(id)).toBe('canceled')
})

test('a server that is away from the start: canceling works at once', async () => {
  await server.kill()
  const [{ id }] = uploads.add([file()]) as [Transfer]
  await until(id, t => t.state === 'retrying')
  await uploads.cancel(id)
  expect(state(id)).toBe('canceled')
  await server.again()
})

test('metadata, rules and the path of an added file', async () => {
  release()
  const [{ id }] = uploads.add([{ file: file(), path: 'folder/f.jsonl' }], { description: 'said', metadata: { team: 'a' }, rules: { min_records: 1 } }) as [Transfer]
  const t = await until(id, t => t.state === 'done')
  expect(t).toMatchObject({ path: 'folder/f.jsonl', name: 'f.jsonl' })
  const client = createClient({ baseUrl: server.url })
  expect((await client.files.info(t.fileId!)).metadata).toMatchObject({ description: 'said', team: 'a' })
  expect((await client.report(t.fileId!)).rules).toMatchObject({ min_records: 1 })
})

test('rules that are wrong fail it with the place of the fault', async () => {
  const [{ id }] = uploads.add([file()], { rules: { min_records: 'many' as unknown as number } }) as [Transfer]
  expect((await until(id, t => t.state === 'failed')).error).toMatchObject({ status: 422, code: 'invalid-rules' })
})

test('one that is paused while its file is looked at once more stays paused', async () => {
  const f = file()
  const looking = promised()
  const go = promised()
  let read = 0
  f.slice = (...o) => {
    const blob = Blob.prototype.slice.apply(f, o)
    if (++read === 3) { // after the first look and the part
      blob.arrayBuffer = async () => {
        looking.resolve()
        await go.promise
        return Blob.prototype.arrayBuffer.call(blob)
      }
    }
    return blob
  }
  release()
  const [{ id }] = uploads.add([f]) as [Transfer]
  await looking.promise
  uploads.pause(id)
  go.resolve()
  await new Promise(resolve => setTimeout(resolve, 20)) // whatever still runs of it has run
  expect(state(id)).toBe('paused')
  uploads.resume(id)
  await until(id, t => t.state === 'done')
})

test('an answer that is older than a part does not take that part back', async () => {
  const asked = promised()
  const deliver = promised()
  const slow: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init)
    if (init?.method === 'GET') {
      asked.resolve()
      await deliver.promise
    }
    return answer
  }
  start({ client: createClient({ baseUrl: server.url, fetch: slow }), parallel: 2 })
  const gate = NodeXHR.gate
  let broken = false
  NodeXHR.gate = async url => {
    if (url.endsWith('/parts/2')) await gate(url)
    else if (!broken) {
      broken = true
      throw new Error('cut')
    }
  }
  const [{ id }] = uploads.add([file(3 << 19)]) as [Transfer]
  await asked.promise
  release()
  await until(id, t => t.parts === '.d')
  let back = 0
  uploads.subscribe(() => { if (uploads.transfers[0]!.parts[1] !== 'd') back++ })
  deliver.resolve()
  expect(await until(id, t => t.state === 'done')).toMatchObject({ partCount: 2 })
  expect(NodeXHR.sent.filter(url => url.endsWith('/parts/2'))).toHaveLength(1)
  expect(back).toBe(0)
})

test('an upload that begins anew begins from nothing', async () => {
  const gate = NodeXHR.gate
  NodeXHR.gate = async url => { if (!url.endsWith('/parts/1')) await gate(url) }
  const [{ id }] = uploads.add([file(5 << 19)]) as [Transfer]
  const before = await until(id, t => t.committed > 0)
  await fetch(`${server.url}/data/efficient/uploads/${before.uploadId}`, { method: 'DELETE' })
  release()
  const failed = await until(id, t => t.state === 'failed')
  expect(failed).toMatchObject({ error: { status: 410 }, committed: before.committed, uploadId: before.uploadId })
  const seen: Transfer[] = []
  uploads.subscribe(() => { seen.push(uploads.transfers[0]!) })
  uploads.retry(id)
  expect(uploads.transfers[0]).toMatchObject({ uploadId: null, fileId: null, sent: 0, committed: 0, parts: '', partCount: 0, attempt: 0, error: null, canChoose: false })
  const done = await until(id, t => t.state === 'done')
  expect(done.uploadId).not.toBe(before.uploadId)
  const first = seen.find(t => t.uploadId === done.uploadId)!
  expect(first.parts).not.toContain('d')
  expect(first.committed).toBe(0)
  expect(seen.filter(t => t.uploadId === null && t.sent > 0)).toEqual([])
})
