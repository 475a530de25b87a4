// One tab sends a file: what becomes of its lock, and of what others remember.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createClient, Uploads, type Transfer } from '../src/index.ts'
import { goodLines } from './data.ts'
import { NodeLocks } from './locks.ts'
import { startServer } from '../../test/server.mjs'
import { NodeStore } from './store.ts'
import { promised, until } from './wait.ts'
import { NodeXHR } from './xhr.ts'

let server: Awaited<ReturnType<typeof startServer>>
let uploads: Uploads
let locks: NodeLocks
let store: NodeStore
let gets: number

beforeAll(async () => { server = await startServer(['--part-size', '1MiB']) })
afterAll(() => server?.stop())
beforeEach(() => {
  locks = new NodeLocks()
  store = new NodeStore()
  gets = 0
  vi.stubGlobal('XMLHttpRequest', NodeXHR)
  vi.stubGlobal('navigator', { locks, onLine: true })
  vi.stubGlobal('indexedDB', store)
  NodeXHR.gate = async () => {}
  uploads = new Uploads({ client: createClient({ baseUrl: server.url, fetch: async (url, init) => {
    const answer = await fetch(url, init)
    if (init?.method === 'GET') gets++
    return answer
  } }) })
})
afterEach(() => {
  uploads.close()
  vi.unstubAllGlobals()
})

const file = () => new File([new Uint8Array(goodLines(2000))], 'f.jsonl')
const turn = () => new Promise(resolve => setTimeout(resolve, 20)) // whatever was on its way has come
const lockOf = (uploadId: string) => `freshet-upload-${uploadId}`

/** Adds a file and waits until its lock is asked for; the test says when it is given. */
async function asking(): Promise<{ id: string; give: () => void }> {
  const asked = promised()
  const given = promised()
  locks.gate = () => {
    asked.resolve()
    return given.promise
  }
  const [{ id }] = uploads.add([file()]) as [Transfer]
  await asked.promise
  return { id, give: given.resolve }
}

test('one that is canceled while its lock is asked for leaves no lock and no memory', async () => {
  const { id, give } = await asking()
  await uploads.cancel(id)
  give()
  await turn()
  expect(uploads.transfers[0]!.state).toBe('canceled')
  expect(locks.names).toEqual([])
  expect([...store.kept]).toEqual([])
})

test('one that is paused and resumed while its lock is asked for is still this tab’s, and remembered', async () => {
  const { id, give } = await asking()
  uploads.pause(id)
  uploads.resume(id)
  await vi.waitUntil(() => gets > 0)
  await turn()
  let most = 0
  const hold = NodeXHR.gate
  NodeXHR.gate = async url => {
    most = Math.max(most, store.kept.size)
    await hold(url)
  }
  give()
  expect(await until(uploads, id, t => t.state === 'done')).toMatchObject({ elsewhere: false })
  expect(most).toBe(1)
  await vi.waitUntil(() => locks.names.length === 0 && store.kept.size === 0)
})

test('word of a new session reaches the tab that sends', async () => {
  const other = new BroadcastChannel('freshet-uploads')
  const end = promised()
  const held = locks.request(lockOf('up_1'), {}, () => end.promise)
  const t: Partial<Transfer> = { id: 'x', name: 'f.jsonl', path: 'f.jsonl', size: 5000, dataType: 'custom', uploadId: 'up_1', fileId: 'file_1', state: 'signed_out', error: null, result: null }
  const listed = new Promise<void>(resolve => uploads.subscribe(() => { if (uploads.transfers[0]?.elsewhere) resolve() }))
  other.postMessage({ say: 'state', server: server.url, transfer: t })
  await listed
  const asked = new Promise(resolve => other.addEventListener('message', (event: MessageEvent) => { if (event.data.say === 'do') resolve(event.data) }))
  uploads.signedIn()
  expect(await asked).toEqual({ say: 'do', uploadId: 'up_1', what: 'resume' })
  uploads.close()
  end.resolve()
  await held
  other.close()
})

test('a tab that cannot remember shows what another has left, and why it does not go on', async () => {
  const made = await (await fetch(`${server.url}/data/efficient/uploads`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ file_name: 'f.jsonl', file_size: 5000 }) })).json() as { upload_id: string; file_id: string }
  const end = promised()
  const held = locks.request(lockOf(made.upload_id), {}, () => end.promise)
  const other = new BroadcastChannel('freshet-uploads')
  const t: Partial<Transfer> = { id: 'x', name: 'f.jsonl', path: 'f.jsonl', size: 5000, dataType: 'custom', uploadId: made.upload_id, fileId: made.file_id, state: 'sending', error: null, result: null }
  const heard = new Promise<Transfer>(resolve => uploads.subscribe(() => { if (uploads.transfers[0]?.elsewhere) resolve(uploads.transfers[0]) }))
  other.postMessage({ say: 'state', server: server.url, transfer: t })
  const { id } = await heard
  store.fault = new DOMException('the store is broken', 'UnknownError')
  end.resolve()
  await held
  const left = await until(uploads, id, t => t.state === 'needs_file')
  expect(left).toMatchObject({ elsewhere: false, canChoose: true, error: { message: 'the store is broken' } })
  store.fault = null // it opens again: the next call finds it
  await expect(uploads.choose(id, file())).rejects.toMatchObject({ code: 'not-the-same-file' })
  other.close()
})

test('a memory that does not open is tried again at the next call', async () => {
  store.fault = new DOMException('the store is broken', 'UnknownError')
  await expect(uploads.restore()).rejects.toThrow('the store is broken')
  store.fault = null
  await expect(uploads.restore()).resolves.toBeUndefined()
})
