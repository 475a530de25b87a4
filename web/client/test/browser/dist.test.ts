// The package as it is published, with the worker in it: without a bundler, built
// by one, and from a bundler's development server.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build, createServer } from 'vite'
import { downloaded, fileOf, goodLines, sha256 } from '../data.ts'
import { startServer } from '../../../test/server.mjs'
import { launch, temporary } from './browser.ts'
import { Front } from './front.ts'

const here = (p: string) => fileURLToPath(new URL(p, import.meta.url))
const app = temporary('app')
const installed = join(app.path, 'node_modules/@freshet/client')
let server: Awaited<ReturnType<typeof startServer>>
let browser: Browser

const html = '<!doctype html><html lang="en"><title>app</title><link rel="icon" href="data:,"><input type="file" id="pick"><script type="module" src="./main.js"></script></html>'
const main = (from: string) => `import { createClient, Uploads } from '${from}'
const uploads = new Uploads({ client: createClient(), memory: null })
window.send = () => new Promise((resolve, reject) => {
  uploads.subscribe(() => {
    const t = uploads.transfers[0]
    if (t.state === 'done') resolve(t.fileId)
    if (t.state === 'failed') reject(new Error(t.error.message))
  })
  uploads.add([...document.querySelector('#pick').files])
})
`

beforeAll(async () => {
  const out = join(installed, 'dist')
  const tsc = promisify(execFile)(process.execPath, [here('../../../node_modules/typescript/bin/tsc'), '-p', here('../../tsconfig.build.json'), '--outDir', out])
  ;[server, browser] = await Promise.all([startServer(), launch(), tsc])
  cpSync(here('../../package.json'), join(installed, 'package.json'))
  writeFileSync(join(app.path, 'package.json'), '{"name": "app", "type": "module"}')
  writeFileSync(join(app.path, 'index.html'), html)
  writeFileSync(join(app.path, 'main.js'), main('@freshet/client'))
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  app.remove()
})

/** Uploads through a page; tells what workers it had. */
async function upload(url: string): Promise<string[]> {
  const page = await browser.newPage()
  const faults: string[] = []
  page.on('pageerror', e => faults.push(String(e)))
  page.on('console', m => { if (m.type() === 'error') faults.push(m.text()) })
  const content = goodLines(100_000)
  await page.goto(url)
  await page.setInputFiles('#pick', fileOf(content))
  const id = await page.evaluate(() => (window as unknown as { send: () => Promise<string> }).send())
  expect(await downloaded(server.url, id)).toBe(sha256(content))
  const workers = page.workers().map(w => w.url())
  await page.close()
  expect(faults).toEqual([])
  return workers
}

async function served(pages: string): Promise<string[]> {
  const front = await new Front(pages, () => server.url).start()
  try {
    return await upload(front.url)
  } finally {
    await front.stop()
  }
}

test('without a bundler', async () => {
  const pages = join(app.path, 'plain')
  mkdirSync(pages)
  cpSync(join(installed, 'dist'), join(pages, 'freshet'), { recursive: true })
  writeFileSync(join(pages, 'index.html'), html)
  writeFileSync(join(pages, 'main.js'), main('./freshet/index.js'))
  expect(await served(pages)).toEqual([expect.stringMatching(/^http:.*\/freshet\/crc-worker\.js$/)])
})

test('built by Vite', async () => {
  const outDir = join(app.path, 'built')
  await build({ root: app.path, configFile: false, logLevel: 'warn', build: { outDir, modulePreload: false } })
  expect(await served(outDir)).toEqual([expect.stringMatching(/^http:.*crc-worker.*\.js$/)])
})

test("from Vite's development server", async () => {
  const vite = await createServer({ root: app.path, configFile: false, logLevel: 'warn', server: { port: 0, host: '127.0.0.1', proxy: { '/data': server.url } } })
  try {
    await vite.listen()
    const { port } = vite.httpServer!.address() as { port: number }
    expect(await upload(`http://127.0.0.1:${port}`)).toEqual([expect.stringMatching(/^http:.*crc-worker/)])
  } finally {
    await vite.close()
  }
})

test('its declarations are whole', async () => {
  writeFileSync(join(app.path, 'use.ts'), `import { createClient, type Transfer, Uploads } from '@freshet/client'
const list = await createClient().files.list()
export const names: string[] = list.files.map(f => f.original_name)
export const wrong: number = list.total_count
// @ts-expect-error a name is not a number
export const no: number = list.files[0]!.original_name
export const t: readonly Transfer[] = new Uploads({ client: createClient() }).transfers
`)
  const compilerOptions = { noEmit: true, strict: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom', 'dom.iterable'], types: [] }
  writeFileSync(join(app.path, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['use.ts'] }))
  await promisify(execFile)(process.execPath, [here('../../../node_modules/typescript/bin/tsc'), '-p', app.path]).catch(e => { throw new Error(e.stdout) })
})
