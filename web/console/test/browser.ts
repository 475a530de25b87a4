/** Chromium for tests, as a person has it: a page that complains of nothing. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { chromiumFlags, chromiumPath } from '../../test/chromium.mjs'

/** The processes of the browser that keeps its things in a directory. */
function running(dir: string): number[] {
  return readdirSync('/proc')
    .filter((p) => /^\d+$/.test(p))
    .filter((p) => {
      try {
        return readFileSync(`/proc/${p}/cmdline`, 'utf8').includes(dir)
      } catch {
        return false // it ended meanwhile
      }
    })
    .map(Number)
}

export interface Browser {
  context: BrowserContext
  /** Where it keeps what pages store: a second browser may be given it. */
  profile: string
  page(): Promise<Page>
  /** What pages complained of: errors, refused by the content policy. */
  complaints: string[]
  /** Ends it as a crash does: pages are told nothing, and what they stored stays. */
  kill(): Promise<void>
  close(): Promise<void>
}

export interface Look {
  width?: number
  height?: number
  dark?: boolean
  profile?: string
}

export async function openBrowser({ width = 1440, height = 900, dark = false, profile }: Look = {}): Promise<Browser> {
  const dir = profile ?? mkdtempSync(join(tmpdir(), 'freshet-profile-'))
  const context = await chromium.launchPersistentContext(dir, {
    executablePath: chromiumPath(),
    headless: true,
    args: chromiumFlags,
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  })
  const complaints: string[] = []
  context.on('page', listen)
  context.pages().forEach(listen)
  function listen(p: Page) {
    p.on('pageerror', (e) => complaints.push(`error: ${e.message}`))
    p.on('console', (m) => {
      // what the network refused is told by the page itself, and tested there
      if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) complaints.push(m.text())
    })
  }
  return {
    context,
    profile: dir,
    complaints,
    page: async () => context.pages().find((p) => p.url() === 'about:blank') ?? context.newPage(),
    kill: async () => {
      const closed = new Promise((r) => context.once('close', r))
      for (const pid of running(dir)) process.kill(pid, 'SIGKILL')
      await closed
    },
    close: async () => {
      await context.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
