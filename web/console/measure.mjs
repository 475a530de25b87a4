// Uploads by the console in Chromium, for bench/run: prints what it took as JSON.
//
//	node measure.mjs upload URL FILE       seconds from the choice of the file to its verdict
//	node measure.mjs live URL FILE...      share of a core that the page takes while they are sent slowly
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { chromium } from 'playwright-core'
import { chromiumFlags, chromiumPath } from '../test/chromium.mjs'

const [what, url, ...files] = process.argv.slice(2)
const profile = mkdtempSync(join(tmpdir(), 'freshet-measure-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath: chromiumPath(),
  headless: true,
  args: chromiumFlags,
})
try {
  const page = await context.newPage()
  await page.addInitScript(() => delete window.showOpenFilePicker) // its dialog is the system's own
  await page.goto(url)
  await page.locator('#choose').waitFor()
  const measures = { upload, live }
  console.log(JSON.stringify(await measures[what](page)))
} finally {
  await context.close()
  rmSync(profile, { recursive: true, force: true })
}

async function choose(page) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#choose').click()])
  await chooser.setFiles(files)
}

async function upload(page) {
  const begin = performance.now()
  await choose(page)
  const row = page.locator(`[data-transfer="${basename(files[0])}"]`)
  await row.getByText('all checks passed').waitFor({ timeout: 600_000 })
  return { seconds: (performance.now() - begin) / 1000 }
}

async function live(page) {
  const cdp = await context.newCDPSession(page)
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 16e6 })
  await choose(page)
  await page.waitForFunction((n) => document.querySelectorAll('[data-state=sending]').length >= Math.min(n, 2), files.length)
  await cdp.send('Performance.enable')
  const metrics = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]))
  await page.waitForTimeout(2000)
  const a = await metrics()
  await page.waitForTimeout(10_000)
  const b = await metrics()
  return { share: (b.TaskDuration - a.TaskDuration) / (b.Timestamp - a.Timestamp) }
}
