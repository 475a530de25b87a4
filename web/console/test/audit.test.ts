import { beforeAll, expect, it } from 'vitest'
import type { Client } from '@freshet/client'
import { admin, keyOf, sendAs, signIn } from './as.ts'
import { lines, setUp } from './console.ts'

const on = setUp()
let all: Client
let file: string

beforeAll(async () => {
  all = admin(on.server)
  await all.projects.put('vision', {})
  file = await sendAs(all, 'read.jsonl', lines(2000, { seed: 951 }))
  await all.open('GET', `/download-file/${file}`).then((r) => r.text())
  await sendAs(all, 'of-vision.jsonl', lines(2000, { seed: 952 }), 'vision')
})

it('the audit log tells who did, read and was refused what from where; filters are in the address', async () => {
  const viewer = await keyOf(all, { default: 'viewer' })
  await fetch(all.url(`/promote-file/${file}`), { method: 'POST', headers: { authorization: `Bearer ${viewer}` } })
  const page = await on.open()
  await signIn(page, all.key!, '/audit?of=all')
  const rows = page.getByRole('list').getByRole('listitem')
  await rows.filter({ hasText: 'Key made' }).first().waitFor()
  const refused = rows.filter({ hasText: 'Refused' }).filter({ hasText: 'not-allowed' }).first()
  expect(await refused.innerText()).toMatch(/Key [0-9a-f]{12}\nfrom 127\.0\.0\.1/)
  expect(await refused.innerText()).toContain('POST /data/efficient/promote-file/')
  // the page itself, before somebody had signed in, asked for nothing that was refused
  expect(await rows.filter({ hasText: 'no-key' }).allInnerTexts()).toEqual([])
  await rows.getByText('the server', { exact: true }).first().waitFor() // several projects: each row says of which

  await page.getByLabel('Action').fill('download')
  await page.keyboard.press('Enter')
  await rows.filter({ hasText: 'Key made' }).first().waitFor({ state: 'detached' })
  await rows.first().waitFor()
  await expect.poll(() => rows.count()).toBe(1)
  expect(await rows.first().innerText()).toContain(file)
  expect(new URL(page.url()).searchParams.get('action')).toBe('download')
  await page.reload()
  await rows.first().getByText('Row').click()
  await rows.first().getByText(/^[0-9a-f]{64}$/).waitFor()

  // what is shown can be taken along, the oldest first
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export as NDJSON' }).click()])
  const text = await saved.createReadStream().then(async (s) => (await s.toArray()).join(''))
  expect(text.trim().split('\n').map((l) => (JSON.parse(l) as { action: string }).action)).toEqual(['download'])

  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await rows.filter({ hasText: 'not-allowed' }).first().getByText('not-allowed').first().click() // a value narrows to its like
  await rows.filter({ hasText: 'Key made' }).first().waitFor({ state: 'detached' })
  expect(new URL(page.url()).searchParams.get('result')).toBe('not-allowed')
  await page.getByLabel('Object').fill('no such thing')
  await page.keyboard.press('Enter')
  await page.getByText('No row matches.').waitFor()
})

it('it is of the project that is shown, and in pages', async () => {
  for (let i = 0; i < 110; i++) await all.request('PUT', '/rule-sets/pages', { project: 'vision', body: { min_records: i } })
  const page = await on.open()
  await signIn(page, all.key!)
  await page.getByLabel('Project').first().selectOption('vision')
  await page.goto(`${on.server.url}/audit`)
  const rows = page.getByRole('list').getByRole('listitem')
  await rows.filter({ hasText: 'Rule set saved' }).first().waitFor()
  await expect.poll(() => rows.count()).toBe(100)
  await page.getByRole('button', { name: 'Show older' }).click()
  await rows.filter({ hasText: 'Upload begun' }).first().waitFor()
  expect(await page.getByText(file).count()).toBe(0)
  expect(await rows.count()).toBeLessThan(130)
})

it('history and activity tell from where a step came', async () => {
  const page = await on.open()
  await signIn(page, all.key!, `/files/${file}?tab=history`)
  await page.getByText('from 127.0.0.1').first().waitFor()
  await page.goto(`${on.server.url}/activity`)
  await page.getByRole('listitem').filter({ hasText: 'of-vision' }).or(page.getByRole('listitem').filter({ hasText: 'read.jsonl' })).first().getByText('from 127.0.0.1').waitFor()
})
