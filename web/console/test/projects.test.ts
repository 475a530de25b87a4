import { beforeAll, expect, it } from 'vitest'
import type { Client } from '@freshet/client'
import { admin, keyOf, sendAs, signIn } from './as.ts'
import { choose, file, lines, part, row, setUp, throttle, until } from './console.ts'

const on = setUp(['--part-size', `${part}`])
let all: Client

beforeAll(async () => {
  all = admin(on.server)
})

const chosen = (page: import('playwright-core').Page) => page.getByLabel('Project').first()

it('with one project nothing is said of projects', async () => {
  const page = await on.open()
  await signIn(page, all.key!)
  await page.getByText('There are no files yet.').waitFor()
  expect(await page.getByLabel('Project').count()).toBe(0)
})

it('with more the one that is shown is chosen, kept, and changes lists, counts, events and where files go', async () => {
  await all.projects.put('vision', { max_files: 9 })
  await all.projects.put('text', {})
  const red = await sendAs(all, 'red.jsonl', lines(2000, { seed: 911 }), 'vision')
  await sendAs(all, 'plain.jsonl', lines(2000, { seed: 912 }))
  const page = await on.open()
  const asked: (string | undefined)[] = []
  page.on('request', (r) => r.url().includes('/data/efficient/') && !/session|projects|upload-progress|report/.test(r.url()) && asked.push(r.headers()['x-project']))
  await signIn(page, all.key!)
  await page.getByRole('link', { name: 'plain.jsonl' }).waitFor()
  expect(await chosen(page).inputValue()).toBe('default')
  expect(new Set(asked)).toEqual(new Set([undefined])) // who has chosen nothing names none

  await chosen(page).selectOption('vision')
  await page.getByRole('link', { name: 'red.jsonl' }).waitFor()
  expect(await page.getByRole('link', { name: 'plain.jsonl' }).count()).toBe(0)
  await page.getByRole('button', { name: 'All 1' }).waitFor()
  await sendAs(all, 'heard.jsonl', lines(2000, { seed: 913 }), 'vision')
  await page.getByRole('link', { name: 'heard.jsonl' }).waitFor() // told by the stream of that project
  await sendAs(all, 'not-heard.jsonl', lines(2000, { seed: 914 }))
  await choose(page, file('blue.jsonl', lines(3000, { seed: 915 })))
  await row(page, 'blue.jsonl').getByText('all checks passed').waitFor()
  expect((await all.files.list({ q: 'blue', project: 'vision' })).total_count).toBe(1)
  expect(await page.getByRole('link', { name: 'not-heard.jsonl' }).count()).toBe(0)

  // it stays when the page is loaded again; the first project's uploads are not on this list
  await page.reload()
  await page.getByRole('link', { name: 'blue.jsonl' }).waitFor()
  expect(await chosen(page).inputValue()).toBe('vision')
  await page.goto(`${on.server.url}/settings`)
  await page.getByRole('heading', { name: 'Project vision' }).waitFor()
  await page.getByText('3 of 9').waitFor()

  // signing out and in again, too
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.getByLabel('API key or token').fill(all.key!)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Project vision' }).waitFor()

  // from a file to the list of another project
  await page.goto(`${on.server.url}/files/${red}`)
  await page.getByRole('heading', { name: 'red.jsonl' }).waitFor()
  await chosen(page).selectOption('text')
  await page.getByText('There are no files yet.').waitFor()
  expect(new URL(page.url()).pathname).toBe('/')
  // a link to a file shows the project that it is in
  await page.goto(`${on.server.url}/files/${red}`)
  await page.getByRole('heading', { name: 'red.jsonl' }).waitFor()
  await until('its project is shown', async () => (await chosen(page).inputValue()) === 'vision')
})

it('an upload goes on in the project where it was added, though another is shown', async () => {
  const page = await on.open()
  await signIn(page, all.key!)
  await chosen(page).selectOption('vision')
  await page.getByRole('link', { name: 'red.jsonl' }).waitFor()
  await throttle(page, 2 * part)
  await choose(page, file('long-1.jsonl', lines(5 * part, { seed: 921 })), file('long-2.jsonl', lines(2 * part, { seed: 922 })), file('long-3.jsonl', lines(part, { seed: 923 })))
  await row(page, 'long-1.jsonl').locator('[data-percent]').waitFor()
  await chosen(page).selectOption('text')
  await page.getByText('There are no files yet.').waitFor()
  expect(await row(page, 'long-1.jsonl').count()).toBe(0)
  await page.getByText('Sending 3 files').waitFor()
  await until('all are there', async () => (await all.files.list({ q: 'long-', status: 'fresh', project: 'vision' })).total_count === 3)
  expect((await all.files.list({ project: 'text' })).total_count).toBe(0)
})

it('who sees other projects than the one that was chosen before gets one of theirs', async () => {
  const page = await on.open()
  await signIn(page, await keyOf(all, { text: 'uploader', vision: 'viewer' }))
  await until('one of theirs', async () => ['text', 'vision'].includes(await chosen(page).inputValue()))
  expect(await chosen(page).locator('option').allInnerTexts()).toEqual(['text', 'vision'])
  await chosen(page).selectOption('text')
  await page.getByRole('button', { name: 'Upload files' }).waitFor()
  await chosen(page).selectOption('vision')
  await page.getByRole('link', { name: 'red.jsonl' }).waitFor()
  expect(await page.getByRole('button', { name: 'Upload files' }).count()).toBe(0)
  // one who is of a single project need not know: what this browser remembers is not theirs
  await signIn(page, await keyOf(all, { text: 'uploader' }))
  await page.getByText('There are no files yet.').waitFor()
  expect(await page.getByLabel('Project').count()).toBe(0)
})
