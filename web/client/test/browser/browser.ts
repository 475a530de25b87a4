import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { chromiumFlags, chromiumPath } from '../../../test/chromium.mjs'
import type { Transfer } from '../../src/index.ts'
import type { Page as Tested } from './page/page.ts'

declare global {
  interface Window {
    page: Tested
    told?: (transfers: Transfer[]) => void
  }
}

const executablePath = chromiumPath()

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath, args: chromiumFlags })
}

/** A browser on a profile that outlives it. */
export interface Killable {
  context: BrowserContext
  /** SIGKILL, as a crash or a power cut would. */
  kill(): Promise<void>
}

export async function launchOn(profile: string): Promise<Killable> {
  const child: ChildProcess = spawn(executablePath, ['--headless=new', ...chromiumFlags, '--remote-debugging-port=0', '--no-first-run', '--password-store=basic', '--use-mock-keychain', '--disable-background-networking', '--disable-component-update', '--disable-extensions', '--disable-sync', `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  const endpoint = await new Promise<string>((resolve, reject) => {
    let log = ''
    child.stderr!.on('data', chunk => {
      log += chunk
      const found = /DevTools listening on (\S+)/.exec(log)
      if (found) resolve(found[1]!)
    })
    child.on('exit', () => reject(new Error(`chromium ended: ${log}`)))
  })
  const browser = await chromium.connectOverCDP(endpoint)
  return {
    context: browser.contexts()[0]!,
    async kill() {
      const gone = new Promise(resolve => child.once('exit', resolve))
      process.kill(-child.pid!, 'SIGKILL') // the group that was started here, its helpers too
      await gone
      await browser.close()
    },
  }
}

/** Chooses a file by its path: over this kind of connection setInputFiles would copy it into the page. */
export async function pick(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const { result } = await session.send('Runtime.evaluate', { expression: "document.querySelector('#pick')" })
  await session.send('DOM.setFileInputFiles', { files: [path], objectId: result.objectId! })
  await session.detach()
}

export function temporary(what: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `freshet-${what}-`))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Builds the test's page as an application would be. */
export async function buildPage(outDir: string): Promise<Rolldown.RolldownOutput> {
  return await build({
    root: fileURLToPath(new URL('page', import.meta.url)),
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
    build: { outDir, emptyOutDir: true, minify: false, modulePreload: false },
  }) as Rolldown.RolldownOutput
}

interface Watched {
  latest: Transfer[]
  looking: Set<() => void>
}
const watched = new WeakMap<Page, Watched>()

/** Has a page tell of every change of its transfers; before its first goto. */
export async function watch(page: Page): Promise<void> {
  const w: Watched = { latest: [], looking: new Set() }
  watched.set(page, w)
  await page.exposeFunction('told', (transfers: Transfer[]) => {
    w.latest = transfers
    for (const look of w.looking) look()
  })
}

/** Waits until a transfer is as a test wants it. */
export function until(page: Page, wanted: (t: Transfer) => boolean, what: string, i = 0, timeout = 20_000): Promise<Transfer> {
  const w = watched.get(page)!
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      w.looking.delete(look)
    }
    const look = () => {
      const t = w.latest[i]
      if (!t || !wanted(t)) return
      end()
      resolve(t)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(`${what} did not come: ${JSON.stringify(w.latest)}`))
    }, timeout)
    w.looking.add(look)
    look()
  })
}
