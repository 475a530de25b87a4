import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { fileOf } from '../data.ts'
import { startServer } from '../../../test/server.mjs'
import { buildPage, launch, temporary, watch } from './browser.ts'
import { Front } from './front.ts'

export const MiB = 1 << 20

/** A server, what stands before it, and for each test a fresh page of a fresh browser profile. */
export class Stage {
  server!: Awaited<ReturnType<typeof startServer>>
  front!: Front
  page!: Page
  private browser!: Browser
  private readonly faults: string[] = []

  constructor() {
    const pages = temporary('pages')
    beforeAll(async () => {
      ;[this.server, this.browser] = await Promise.all([startServer(['--part-size', '1MiB']), launch(), buildPage(pages.path)])
      this.front = await new Front(pages.path, () => this.server.url).start()
    }, 60_000)
    afterAll(async () => {
      await this.browser?.close()
      await this.front?.stop()
      await this.server?.stop()
      pages.remove()
    })
    beforeEach(async () => {
      this.front.rate = 0
      this.front.fault = () => undefined
      this.page = await (await this.browser.newContext()).newPage()
      this.page.on('pageerror', e => this.faults.push(String(e)))
      this.page.on('console', m => { if (/Content Security Policy|freshet:/.test(m.text())) this.faults.push(m.text()) })
      await watch(this.page)
      await this.page.goto(this.front.url)
      this.front.seen = []
    })
    afterEach(async () => {
      await this.page.context().close()
      expect(this.faults.splice(0)).toEqual([])
    })
  }

  /** Chooses files on the page and adds them. */
  async add(content: Buffer | Buffer[], options = {}, start = {}): Promise<string[]> {
    await this.page.setInputFiles('#pick', [content].flat().map((c, i) => fileOf(c, `data${i}.jsonl`)))
    return this.page.evaluate(([options, start]) => window.page.start(start).add(options), [options, start])
  }
}
