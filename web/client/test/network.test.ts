// What the browser says of the network, and for which servers that counts.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createClient, Uploads, type Transfer } from '../src/index.ts'
import { isLoopback } from '../src/loopback.ts'
import { goodLines } from './data.ts'
import { startServer } from '../../test/server.mjs'
import { until } from './wait.ts'
import { NodeXHR } from './xhr.ts'

let server: Awaited<ReturnType<typeof startServer>>
let uploads: Uploads
let page: EventTarget
const network = { onLine: true }

beforeAll(async () => { server = await startServer(['--part-size', '1MiB']) })
afterAll(() => server?.stop())
beforeEach(() => {
  page = new EventTarget()
  network.onLine = true
  vi.stubGlobal('XMLHttpRequest', class extends NodeXHR {
    override open(method: string, url: string) { super.open(method, url.replace('http://freshet.test', server.url)) }
  })
  vi.stubGlobal('navigator', network)
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  NodeXHR.gate = async () => {}
})
afterEach(() => {
  uploads?.close()
  vi.unstubAllGlobals()
})

/** An uploader whose server goes by that name. */
function start(baseUrl: string): void {
  uploads = new Uploads({ client: createClient({ baseUrl, fetch: (url, init) => fetch(String(url).replace('http://freshet.test', server.url), init) }), atOnce: 1 })
}
const file = () => new File([new Uint8Array(goodLines(2000))], 'f.jsonl')
const states = () => uploads.transfers.map(t => t.state)
function turn(onLine: boolean): void {
  network.onLine = onLine
  page.dispatchEvent(new Event(onLine ? 'online' : 'offline'))
}

test('without a network all that is to be sent is offline, and goes on with it', async () => {
  start('http://freshet.test')
  NodeXHR.gate = () => new Promise(() => {})
  const [a, b, c] = uploads.add([file(), file(), file()]).map(t => t.id) as [string, string, string]
  await until(uploads, a, t => t.parts === 'a')
  uploads.pause(c)
  turn(false)
  expect(states()).toEqual(['offline', 'offline', 'paused'])
  uploads.resume(c)
  uploads.add([file()])
  expect(states()).toEqual(['offline', 'offline', 'offline', 'offline'])
  NodeXHR.gate = async () => {}
  turn(true)
  for (const id of [a, b, c, uploads.transfers[3]!.id]) await until(uploads, id, t => t.state === 'done')
})

test('a server on this machine is there without a network, too', async () => {
  network.onLine = false
  start(server.url)
  const [{ id }] = uploads.add([file()]) as [Transfer]
  const seen = new Set<string>()
  uploads.subscribe(() => { seen.add(states()[0]!) })
  turn(false)
  await until(uploads, id, t => t.state === 'done')
  expect(seen).not.toContain('offline')
})

test.each([
  ['http://localhost:7431', true], ['https://LOCALHOST', true], ['http://a.localhost', true], ['http://127.0.0.1', true], ['http://127.8.9.1:1/base', true], ['http://[::1]:80', true],
  ['https://freshet.example.com', false], ['http://192.168.0.2', false], ['http://127.0.0.1.example.com', false], ['http://localhost.example.com', false], ['', false], ['/base', false],
])('%s is on this machine: %s', (url, local) => {
  expect(isLoopback(url)).toBe(local)
})

test('without an address the page’s own counts', () => {
  vi.stubGlobal('location', { href: 'http://localhost:7431/files' })
  expect(isLoopback('')).toBe(true)
  expect(isLoopback('/behind')).toBe(true)
  expect(isLoopback('https://freshet.example.com')).toBe(false)
  vi.stubGlobal('location', { href: 'https://freshet.example.com/files' })
  expect(isLoopback('')).toBe(false)
})
