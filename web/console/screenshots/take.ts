/** Takes the pictures of README and docs/ from a running console with made-up data. */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { it } from 'vitest'
import { choose, file, send, setUp, throttle, until } from '../test/console.ts'
import { articles, conversations, reviews } from './data.ts'

// FRESHET_PICTURES names another folder, and has every page taken: to look at all of them after a change
const elsewhere = process.env.FRESHET_PICTURES
const out = resolve(import.meta.dirname, elsewhere ?? '../../../docs/pictures')
const inDocs = /^(files|checks|fields|rules)-(light|dark)-1440$|^(files|checks)-(light|dark)-390$|^drop-/
mkdirSync(out, { recursive: true })

const MiB = 1 << 20
const on = setUp(['--part-size', '1MiB'])

it('takes them', async () => {
  const chat = await send(on.server, 'support-conversations-2026-11.jsonl', conversations(12_000), { data_type: 'custom', description: 'Support chats of November' })
  await send(on.server, 'product-reviews-en.csv', reviews(9_000), { data_type: 'sample' })
  await send(on.server, 'news-articles-archive.jsonl', articles(3_000))
  await send(on.server, 'translation-pairs-de-en.csv', reviews(4_000, 7), { data_type: 'red_team' })
  await send(on.server, 'legal-clauses-eu.txt', 'The parties agree that water moves one way.\n'.repeat(4000))
  await send(on.server, 'medical-qa-clean.jsonl', articles(2_000, 5))
  await fetch(`${on.server.url}/data/efficient/rule-sets/chat-v4`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema: 'openai-chat', required_fields: ['messages', 'id'], unique_fields: ['id'], expressions: [{ name: 'short-enough', expr: 'size(record.id) < 12', severity: 'warning', message: 'the id is long' }] }),
  })
  const page = await on.open('/settings')
  const shot = async (name: string, path: string, width: number, scheme: 'light' | 'dark', ready: () => Promise<unknown>) => {
    if (!elsewhere && !inDocs.test(`${name}-${scheme}-${width}`)) return
    await page.setViewportSize({ width, height: width < 600 ? 844 : 900 })
    await page.emulateMedia({ colorScheme: scheme })
    if (path) await page.goto(on.server.url + path)
    await ready()
    await until('all is loaded', async () => (await page.locator('[aria-busy=true]').count()) === 0)
    await page.evaluate(() => document.fonts.ready.then(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))))
    await page.screenshot({ path: `${out}/${name}-${scheme}-${width}.png` })
  }
  const heading = () => page.getByRole('heading', { level: 1 }).first().waitFor()
  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      await shot('checks', `/files/${chat.file_id}`, width, scheme, () => page.getByText('Lines to fix').waitFor())
      await shot('fields', `/files/${chat.file_id}?tab=fields`, width, scheme, heading)
      await shot('records', `/files/${chat.file_id}?tab=records`, width, scheme, heading)
      await shot('history', `/files/${chat.file_id}?tab=history`, width, scheme, heading)
      await shot('rules', `/rules?set=chat-v4&file=${chat.file_id}`, width, scheme, heading)
      await shot('activity', '/activity', width, scheme, heading)
      await shot('settings', '/settings', width, scheme, heading)
      await shot('audit', '/audit', width, scheme, heading)
      await shot('keys', '/keys', width, scheme, heading)
    }
  }
  // uploads under way, one of them paused, one with bad lines
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(on.server.url)
  await throttle(page, 6 * MiB)
  await choose(page, file('code-instruct-2026-11.jsonl', conversations(260_000, 11, 0.00003)), file('sensor-readings-plant-7.csv', reviews(600_000, 3)))
  await page.getByText(/lines? with errors/).first().waitFor()
  await page.waitForTimeout(6000) // a line of some seconds for the chart
  for (const scheme of ['light', 'dark'] as const) for (const width of [1440, 390]) await shot('files', '', width, scheme, heading)
  await page.getByRole('button', { name: 'Pause all' }).click()
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.evaluate(() => {
    const d = new DataTransfer()
    d.items.add(new File(['x'], 'a.jsonl'))
    document.body.dispatchEvent(new DragEvent('dragenter', { dataTransfer: d, bubbles: true, cancelable: true }))
  })
  await shot('drop', '', 1440, 'light', () => page.getByText('Drop to upload').waitFor())
})
