import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { lines, send, setUp, shared, until } from './console.ts'

const on = setUp(['--failed-after', '876000h'])

it('39 no files, no match and a failure each say what they are, with a next step', async () => {
  const page = await on.open()
  if (!shared) {
    await page.getByText('There are no files yet.').waitFor()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose files' }).click()
    await chooser
  }
  await send(on.server, 'list.jsonl', lines(3000, { seed: 39 }))
  await page.goto(`${on.server.url}/?q=no-such-name`)
  await page.getByText('No file matches.').waitFor()
  await page.getByRole('button', { name: 'Clear the search' }).click()
  await page.getByRole('row').filter({ hasText: 'list.jsonl' }).waitFor()
  await page.route(/\/staged-files/, (r) => r.fulfill({ status: 500, headers: { 'content-type': 'application/problem+json' }, body: JSON.stringify({ status: 500, title: 'x', detail: 'it broke', code: 'internal' }) }))
  await page.reload()
  const alert = page.getByRole('alert').filter({ hasText: 'The file list did not load.' })
  await alert.waitFor()
  await page.unroute(/\/staged-files/)
  await alert.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('row').filter({ hasText: 'list.jsonl' }).waitFor()
})

it('38 search, status, type and order live in the address', async () => {
  await send(on.server, 'needle-one.jsonl', lines(3000, { seed: 381 }))
  await send(on.server, 'needle-two.jsonl', lines(3000, { seed: 382, broken: [3] }))
  const page = await on.open()
  await page.getByRole('textbox', { name: 'Search files' }).fill('needle')
  await until('the address has it', () => new URL(page.url()).searchParams.get('q') === 'needle')
  await page.getByRole('button', { name: /^Failed/ }).click()
  await until('the address has it', () => new URL(page.url()).searchParams.get('status') === 'failed')
  await page.getByRole('combobox', { name: 'Order' }).selectOption('Name')
  await page.getByRole('row').filter({ hasText: 'needle-two' }).waitFor()
  await expect.poll(() => page.getByRole('row').count()).toBe(1)
  await page.reload()
  await page.getByRole('row').filter({ hasText: 'needle-two' }).waitFor()
  await expect.poll(() => page.getByRole('row').count()).toBe(1)
  expect(await page.getByRole('textbox', { name: 'Search files' }).inputValue()).toBe('needle')
  expect(await page.getByRole('combobox', { name: 'Order' }).inputValue()).toBe('original_name')
})

it('a file is found by its id', async () => {
  const { file_id } = await send(on.server, 'by-id.jsonl', lines(3000, { seed: 383 }))
  const page = await on.open(`/?q=${file_id}`)
  await page.getByRole('row').filter({ hasText: 'by-id.jsonl' }).waitFor()
  await expect.poll(() => page.getByRole('row').count()).toBe(1)
})

it('40 promoting is off with its reason until the checks have passed', async () => {
  await send(on.server, 'off.jsonl', lines(3000, { seed: 40, broken: [2] }))
  const page = await on.open('/?q=off.jsonl')
  await page.getByRole('button', { name: 'Actions for off.jsonl' }).click()
  const item = page.getByRole('menuitem', { name: /^Promote to fresh/ })
  await item.waitFor()
  expect(await item.getAttribute('aria-disabled')).toBe('true')
  expect(await item.innerText()).toContain('Its checks failed.')
})

it('a file is deleted after a question, and its row goes', async () => {
  await send(on.server, 'away.jsonl', lines(3000, { seed: 41 }))
  const page = await on.open('/?q=away.jsonl')
  await page.getByRole('button', { name: 'Actions for away.jsonl' }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await page.getByRole('dialog', { name: 'Delete this file?' }).getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No file matches.').waitFor()
})

it('an open menu stays that of its file, though another takes its place', async () => {
  await send(on.server, 'menu-of-this.jsonl', lines(3000, { seed: 421 }))
  const page = await on.open('/?q=menu-of')
  await page.getByRole('button', { name: 'Actions for menu-of-this.jsonl' }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await send(on.server, 'menu-of-another.jsonl', lines(3000, { seed: 422 }))
  await page.getByRole('row', { name: /menu-of-another/, includeHidden: true }).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('row', { name: /menu-of-this/ }).waitFor({ state: 'detached' })
  await page.getByRole('row', { name: /menu-of-another/ }).waitFor()
})

it('33 names are text, and what does not show is shown', async () => {
  const name = 'a<img src=x onerror="document.title=1">\u202egnp.jsonl'
  await send(on.server, name, lines(3000, { seed: 33 }))
  const page = await on.open('/?q=onerror')
  const at = page.getByRole('row').first()
  await at.getByText('<img src=x').waitFor()
  expect(await at.locator('img').count()).toBe(0)
  expect(await at.locator('.escaped').innerText()).toBe('\\u202E')
  expect(await page.title()).toContain('Freshet')
})

const many = 120_000

it.skipIf(shared)('37 of 120,000 files fewer than 50 rows are in the page, and End reaches the last', async () => {
  const fill = spawnSync('sqlite3', [join(on.server.dir, 'catalog.db')], {
    encoding: 'utf8',
    input: `PRAGMA busy_timeout = 20000;
WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < ${many})
INSERT INTO files (id, name, name_fold, data_type, status, object_key, size, hash, upload_time, updated_time, verdict)
SELECT printf('file_%032x', i), printf('row-%09d.jsonl', i), printf('row-%09d.jsonl', i), 'custom', 'fresh', printf('training-data/fresh/x/%d', i), i, '', i * 1000000, i * 1000000, 'passed' FROM k;`,
  })
  expect(fill.stderr).toBe('')
  const page = await on.open('/?q=row-0')
  await page.getByRole('row').filter({ hasText: `row-${String(many).padStart(9, '0')}` }).waitFor()
  const grid = page.getByRole('grid')
  expect(Number(await grid.getAttribute('aria-rowcount'))).toBe(many)
  await grid.focus()
  await page.keyboard.press('End')
  await page.getByRole('row').filter({ hasText: 'row-000000001.jsonl' }).waitFor()
  expect(await page.getByRole('row').count()).toBeLessThan(50)
  await page.keyboard.press('Home')
  await page.getByRole('row').filter({ hasText: `row-${String(many).padStart(9, '0')}` }).waitFor()
  // wherever it is dragged to, there are rows soon
  await grid.evaluate((g) => g.scrollTo(0, g.scrollHeight / 2))
  await page.getByRole('row').filter({ hasText: /row-00006/ }).first().waitFor()
  expect(await page.getByRole('row').count()).toBeLessThan(50)
})
