/** What the browser tests of the console share. */
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Page } from 'playwright-core'
import { openBrowser, type Browser, type Look } from './browser.ts'
import { shared, startServer, type Server } from './server.ts'

export { freshet, get, send, shared, until, type Server } from './server.ts'
export { openBrowser, type Browser } from './browser.ts'

/** The size of parts: a bucket takes none as small as a disk does. */
export const part = shared ? 8 << 20 : 1 << 20

/** A server and a browser for the tests of a file. Pages must complain of nothing. */
export function setUp(args: string[] = [], look: Look = {}) {
  const it = {} as { server: Server; browser: Browser; open(path?: string): Promise<Page> }
  beforeAll(async () => {
    it.server = await startServer(...args)
    it.browser = await openBrowser(look)
    it.open = async (path = '/') => {
      const page = await it.browser.context.newPage()
      // its dialog is the system's own, that no test can answer; without it the page uses an input
      await page.addInitScript(() => delete (window as { showOpenFilePicker?: unknown }).showOpenFilePicker)
      await page.goto(it.server.url + path)
      return page
    }
  })
  afterEach(async () => {
    await Promise.all(it.browser.context.pages().map((p, i) => (i > 0 ? p.close({ runBeforeUnload: false }) : undefined)))
    expect(it.browser.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await it.browser?.close()
    await it.server?.stop()
    rmSync(made, { recursive: true, force: true })
  })
  return it
}

/** JSON lines of a size in bytes, at least; the lines named are broken. */
export function lines(size: number, { broken = [] as number[], seed = 1 } = {}): Buffer {
  const out: string[] = []
  let n = 0
  for (let i = 1; n < size; i++) {
    const line = broken.includes(i) ? `{"id":${i},"text":"it ends her\n` : `{"id":${i},"seed":${seed},"text":"${'water moves one way '.repeat(5)}${i * 7919}"}\n`
    out.push(line)
    n += line.length
  }
  return Buffer.from(out.join(''))
}

const made = mkdtempSync(join(tmpdir(), 'freshet-files-')) // setUp takes it away again

/** A file on the disk, for a person to choose. */
export function file(name: string, data: string | Buffer): string {
  const path = join(made, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, data)
  return path
}

/** The same for one that is larger than memory should hold: data over and over. */
export function large(name: string, data: Buffer, times: number): string {
  const path = file(name, '')
  for (let i = 0; i < times; i++) appendFileSync(path, data)
  return path
}

export const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Chooses files by the page's own button. */
export async function choose(page: Page, ...paths: string[]) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Upload files' }).click()])
  await chooser.setFiles(paths)
}

/** Drops files and folders from outside, as a file manager does. */
export async function drop(page: Page, type: 'dragEnter' | 'dragOver' | 'drop', ...paths: string[]) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data: { items: [], files: paths, dragOperationsMask: 1 } })
}

/** Bytes a second that pages may send from now on. */
export async function throttle(page: Page, bytesPerSecond: number) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond })
}

export const row = (page: Page, name: string) => page.locator(`[data-transfer="${name}"]`)
