import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { EventsState } from '../../src/index.ts'
import { goodLines } from '../data.ts'
import { startServer } from '../../../test/server.mjs'
import { buildPage, launch, temporary } from './browser.ts'
import { Front } from './front.ts'

let server: Awaited<ReturnType<typeof startServer>>
let front: Front
let browser: Browser
const pages = temporary('pages')

interface Heard { type: string; data: { mode?: string; connected?: boolean; file?: { original_name: string } | null; files?: { original_name: string }[] } }

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(), launch(), buildPage(pages.path)])
  front = await new Front(pages.path, () => server.url).start()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await front?.stop()
  await server?.stop()
  pages.remove()
})

beforeEach(() => {
  front.fault = () => undefined
  front.seen = []
})

/** A page that listens, and what it hears. */
async function listen(context: BrowserContext, key?: string, project?: string) {
  const page = await context.newPage()
  const heard: Heard[] = []
  const looking = new Set<() => void>()
  await page.exposeFunction('heard', (one: Heard) => {
    heard.push(one)
    for (const look of looking) look()
  })
  await page.goto(front.url)
  await page.evaluate(({ key, project }) => {
    const { Events, createClient } = window.page
    const events = new Events({ client: createClient({ ...(key ? { key } : {}), ...(project ? { project } : {}) }) })
    for (const type of ['state', 'snapshot', 'file', 'progress'] as const) events.subscribe(type, data => (window as unknown as { heard: (x: unknown) => void }).heard({ type, data }))
  }, { key, project })
  const until = (wanted: (h: Heard) => boolean, what: string) => new Promise<Heard>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not come: ${JSON.stringify(heard.map(h => [h.type, h.data.mode, h.data.connected]))}`)), 15_000)
    const look = () => {
      const found = heard.find(wanted)
      if (!found) return
      clearTimeout(timer)
      looking.delete(look)
      resolve(found)
    }
    looking.add(look)
    look()
  })
  const state = (mode: EventsState['mode'], connected: boolean) => until(h => h.type === 'state' && h.data.mode === mode && h.data.connected === connected, `${mode} ${connected}`)
  return { page, heard, until, state }
}

async function upload(name: string, project = 'default'): Promise<void> {
  const form = new FormData()
  form.append('file', new File([new Uint8Array(goodLines(2000))], name))
  await fetch(`${server.url}/data/efficient/upload-large-file?project=${project}`, { method: 'POST', body: form })
}

const streams = () => front.seen.filter(s => s.path.endsWith('/events')).length
const told = (name: string) => (h: Heard) => h.type === 'file' && h.data.file?.original_name === name

test('one stream serves all tabs, and passes to another when its tab is closed', async () => {
  const context = await browser.newContext()
  const a = await listen(context)
  await a.state('leader', true)
  await a.until(h => h.type === 'snapshot', 'a snapshot')
  const b = await listen(context)
  await b.state('follower', true)
  await b.until(h => h.type === 'snapshot', 'a snapshot')
  await upload('both.jsonl')
  await Promise.all([a.until(told('both.jsonl'), 'the file'), b.until(told('both.jsonl'), 'the file')])
  expect(streams()).toBe(1)
  await a.page.close()
  await b.state('leader', true)
  await upload('one.jsonl')
  await b.until(told('one.jsonl'), 'the file')
  expect(streams()).toBe(2)
  await context.close()
})

test('tabs that look at different projects hear of their own', async () => {
  await fetch(`${server.url}/data/efficient/projects/vision`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{}' })
  const context = await browser.newContext()
  const a = await listen(context)
  await a.state('leader', true)
  const b = await listen(context, undefined, 'vision')
  await b.state('leader', true) // a stream is of one project
  const c = await listen(context, undefined, 'vision')
  await c.state('follower', true)
  await upload('seen.jsonl', 'vision')
  await upload('plain.jsonl')
  await Promise.all([a.until(told('plain.jsonl'), 'the file'), b.until(told('seen.jsonl'), 'the file'), c.until(told('seen.jsonl'), 'the file')])
  await upload('last.jsonl', 'vision')
  await c.until(told('last.jsonl'), 'the file')
  expect(a.heard.filter(told('seen.jsonl'))).toEqual([])
  expect([...b.heard, ...c.heard].filter(told('plain.jsonl'))).toEqual([])
  expect(streams()).toBe(2)
  await context.close()
})

test('without a stream the list is asked for', async () => {
  await upload('listed.jsonl')
  front.fault = r => r.path.endsWith('/events') ? { status: 503 } : undefined
  const context = await browser.newContext()
  const a = await listen(context)
  await a.state('polling', true)
  await a.until(h => h.type === 'snapshot' && h.data.files!.some(f => f.original_name === 'listed.jsonl'), 'the list')
  front.fault = () => undefined
  await a.state('leader', true)
  await context.close()
})

test('a server that refuses is heard once it does not: the person signed in', async () => {
  front.fault = () => ({ status: 401 })
  const context = await browser.newContext()
  const a = await listen(context)
  await a.state('polling', false)
  front.fault = () => undefined
  await a.state('leader', true)
  await a.until(h => h.type === 'snapshot', 'a snapshot')
  await context.close()
})

test('a server that comes back is heard again', async () => {
  const context = await browser.newContext()
  const a = await listen(context)
  await a.state('leader', true)
  await server.kill()
  await a.until(h => h.type === 'state' && h.data.connected === false, 'the loss')
  await server.again()
  a.heard.splice(0)
  await a.state('leader', true)
  await upload('back.jsonl')
  await a.until(told('back.jsonl'), 'the file')
  await context.close()
})

test('with a key the stream is read too', async () => {
  const own = await startServer([], { env: { FRESHET_BOOTSTRAP_KEY: 'a-key-for-tests-that-is-long-enough-for-it' } })
  const other = await new Front(pages.path, () => own.url).start()
  const before = front
  front = other
  try {
    const context = await browser.newContext()
    const page: Page = (await listen(context, 'a-key-for-tests-that-is-long-enough-for-it')).page
    await expect.poll(() => streams()).toBe(1)
    await expect.poll(() => front.seen.find(s => s.path.endsWith('/events'))?.status).toBe(200)
    await page.close()
    await context.close()
  } finally {
    front = before
    await other.stop()
    await own.stop()
  }
})
