import { expect, it } from 'vitest'
import { choose, file, freshet, get, lines, part, row, setUp, shared, throttle, until } from './console.ts'

const on = setUp(['--part-size', `${part}`])

it('15 a dropped connection is tried again, with a countdown', async () => {
  const page = await on.open()
  let cut = true
  await page.route(/\/parts\/\d+$/, (route) => (cut ? route.abort('connectionreset') : route.continue()))
  await choose(page, file('fifteen.jsonl', lines(3 * part)))
  await row(page, 'fifteen.jsonl').getByText(/^The connection dropped at \d+%\. Nothing is lost\. Trying again( in \d+ s)?\.$/).waitFor()
  cut = false
  await row(page, 'fifteen.jsonl').getByText('all checks passed').waitFor()
})

it('15 an overloaded server is waited for, and its reason shown', async () => {
  const page = await on.open()
  let busy = true
  await page.route(/\/parts\/\d+$/, (route) =>
    busy
      ? route.fulfill({ status: 503, headers: { 'content-type': 'application/problem+json', 'retry-after': '2' }, body: JSON.stringify({ status: 503, title: 'Service Unavailable', detail: 'the server is full', code: 'busy' }) })
      : route.continue(),
  )
  await choose(page, file('busy.jsonl', lines(2 * part, { seed: 15 })))
  await row(page, 'busy.jsonl').getByText(/^The server is full\. Nothing is lost\. Trying again in \d+ s\.$/).waitFor()
  busy = false
  await row(page, 'busy.jsonl').getByText('all checks passed').waitFor()
})

it.skipIf(shared)('a server that is killed and started again loses nothing, and the page goes on', async () => {
  const page = await on.open()
  await throttle(page, 3 * part)
  const data = lines(12 * part, { seed: 17 })
  await choose(page, file('killed.jsonl', data))
  await until('some is sent', async () => (await row(page, 'killed.jsonl').locator('[data-chunks*="d"]').count()) > 0)
  await on.server.kill()
  await row(page, 'killed.jsonl').getByText(/Trying again/).first().waitFor()
  await on.server.start()
  await row(page, 'killed.jsonl').getByText('all checks passed').waitFor()
  const { files } = await get<{ files: { status: string; file_size: number }[] }>(on.server, '/staged-files?q=killed')
  expect(files.map((f) => [f.status, f.file_size])).toEqual([['fresh', data.length]])
})

it.skipIf(shared)('16 without a network it pauses, and goes on with it', async () => {
  const key = freshet(on.server, 'keys', 'create', 'far')
  const page = await on.browser.context.newPage()
  await page.addInitScript(() => delete (window as { showOpenFilePicker?: unknown }).showOpenFilePicker)
  await page.goto(on.server.url.replace('127.0.0.1', 'freshet.test')) // as if it were another machine
  await page.getByLabel('API key').fill(key)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Files' }).waitFor()
  await throttle(page, 2 * part)
  await choose(page, file('sixteen.jsonl', lines(12 * part, { seed: 16 })))
  await until('some is sent', async () => (await row(page, 'sixteen.jsonl').locator('[data-chunks*="d"]').count()) > 0)
  await page.context().setOffline(true)
  await row(page, 'sixteen.jsonl').getByText(/^There is no network\. It stands at \d+% and goes on by itself\.$/).waitFor()
  await page.context().setOffline(false)
  await row(page, 'sixteen.jsonl').getByText('all checks passed').waitFor()
})
