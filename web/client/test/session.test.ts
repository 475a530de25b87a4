// A session that ends while files are sent. A browser keeps the cookie; here it is carried by hand.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createClient, Uploads, type Client, type Transfer } from '../src/index.ts'
import { goodLines } from './data.ts'
import { startServer } from '../../test/server.mjs'
import { until } from './wait.ts'
import { NodeXHR } from './xhr.ts'

let server: Awaited<ReturnType<typeof startServer>>
let key: string
let page: Client
let uploads: Uploads
let release: () => void
let begun: number

beforeAll(async () => {
  server = await startServer(['--part-size', '1MiB'])
  key = (await createClient({ baseUrl: server.url }).keys.create('desk')).key
})
afterAll(() => server?.stop())
beforeEach(async () => {
  vi.stubGlobal('XMLHttpRequest', NodeXHR)
  const held = new Promise<void>(resolve => { release = resolve })
  NodeXHR.gate = async url => { if (!url.endsWith('/parts/1')) await held }
  NodeXHR.sent = []
  begun = 0
  page = createClient({ baseUrl: server.url, fetch: async (url, init) => {
    if (init?.method === 'POST' && String(url).endsWith('/uploads')) begun++
    const answer = await fetch(url, { ...init, headers: { ...init?.headers as Record<string, string>, Cookie: NodeXHR.cookie } })
    NodeXHR.cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? NodeXHR.cookie
    return answer
  } })
  await page.session.signIn(key)
  uploads = new Uploads({ client: page, atOnce: 2 })
})
afterEach(() => {
  uploads.close()
  NodeXHR.cookie = ''
  vi.unstubAllGlobals()
})

const file = (size = 5 << 19) => new File([new Uint8Array(goodLines(size))], 'f.jsonl')
const states = () => uploads.transfers.map(t => t.state)

test('whatever is sent or is to be waits for the next session, and goes on where it was', async () => {
  const [a, b, c] = uploads.add([file(), file(), file(1000)]).map(t => t.id) as [string, string, string]
  await until(uploads, a, t => t.committed > 0)
  const { uploadId } = await until(uploads, b, t => t.committed > 0)
  await page.session.signOut()
  release()
  const out = await until(uploads, c, t => t.state === 'signed_out')
  expect(states()).toEqual(['signed_out', 'signed_out', 'signed_out'])
  expect(out.error).toMatchObject({ status: 401, code: 'signed-out', message: 'You are signed out', hint: 'Sign in; it goes on from where it stands.' })
  expect(uploads.moving).toBe(false)
  expect(begun).toBe(2) // the third is not even tried

  uploads.resume(a) // there is none yet
  expect(states()[0]).toBe('sending')
  await until(uploads, a, t => t.state === 'signed_out')
  await expect(uploads.cancel(c)).resolves.toBeUndefined() // nothing of it is on the server
  await expect(uploads.cancel(a)).rejects.toMatchObject({ status: 401 })
  expect(states()).toEqual(['signed_out', 'signed_out', 'canceled'])

  await page.session.signIn(key)
  uploads.signedIn()
  await until(uploads, a, t => t.state === 'done')
  expect(await until(uploads, b, t => t.state === 'done')).toMatchObject({ uploadId, error: null })
  expect(NodeXHR.sent.filter(url => url.endsWith(`${uploadId}/parts/1`))).toHaveLength(1)
})

test('one that is paused meanwhile stays so', async () => {
  const [{ id }] = uploads.add([file()]) as [Transfer]
  await until(uploads, id, t => t.committed > 0)
  await page.session.signOut()
  release()
  await until(uploads, id, t => t.state === 'signed_out')
  uploads.pause(id)
  await page.session.signIn(key)
  uploads.signedIn()
  expect(states()).toEqual(['paused'])
})

test('with a key a refusal ends it', async () => {
  uploads.close()
  uploads = new Uploads({ client: createClient({ baseUrl: server.url, key: 'fsh_wrong' }) })
  const [{ id }] = uploads.add([file()]) as [Transfer]
  expect(await until(uploads, id, t => t.state === 'failed')).toMatchObject({ error: { status: 401, code: 'bad-key' } })
  uploads.signedIn()
  expect(states()).toEqual(['failed'])
})
