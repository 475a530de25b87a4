import { beforeAll, expect, it } from 'vitest'
import type { Client } from '@freshet/client'
import { admin, keyOf, sendAs, signIn } from './as.ts'
import { lines, setUp } from './console.ts'

const on = setUp(['--content-policy', 'email=warn', '--content-policy', 'secret=refuse'])
let all: Client

beforeAll(() => {
  all = admin(on.server)
})

it('an administrator of everywhere makes projects; what the server refuses is said in its words', async () => {
  const page = await on.open()
  await signIn(page, all.key!, '/settings')
  const dialog = page.getByRole('dialog', { name: 'New project' })
  const make = async (name: string) => {
    await dialog.getByLabel('Name').fill(name)
    await dialog.getByRole('button', { name: 'New project' }).click()
  }
  await page.getByText('1 project. ').waitFor()
  await page.getByRole('button', { name: 'New project' }).click()
  await make(' ')
  await dialog.getByText('Give it a name.').waitFor()
  for (const name of ['Vision', 'two words', 'a/b', '?x']) {
    await make(name)
    await dialog.getByText(`"${name}" cannot be the name of a project. Use up to 64 of a-z, 0-9, _ and -`).waitFor()
  }
  await make('..') // which a browser would make another address of
  await dialog.getByRole('alert').getByText('Up to 64 of a-z').waitFor()
  await make('vision')
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('The project vision is made.').waitFor()
  expect((await all.projects.list()).map((p) => p.name)).toEqual(['default', 'vision'])
  await page.getByLabel('Project').first().selectOption('vision') // it is to be chosen at once
  await page.getByRole('heading', { name: 'Project vision' }).waitFor()

  // one that is there stays as it is, whoever made it
  await all.projects.put('vision', { max_files: 3 })
  await page.getByRole('button', { name: 'New project' }).click()
  await make('vision')
  await dialog.getByText('There is a project "vision" already. Choose another name.').waitFor()
  expect((await all.projects.get('vision')).max_files).toBe(3)
})

it('one that owns nothing can be deleted, and its name is not used again', async () => {
  const file = await sendAs(all, 'owned.jsonl', lines(2000, { seed: 981 }), 'vision')
  const page = await on.open()
  await signIn(page, all.key!)
  await page.getByLabel('Project').first().selectOption('vision')
  await page.getByRole('link', { name: 'owned.jsonl' }).waitFor()
  await page.goto(`${on.server.url}/settings`)
  await page.getByText('1 file · 2.0 KB').waitFor()
  const end = page.getByRole('button', { name: 'Delete the project' })
  expect(await end.count()).toBe(0) // vision owns a file, default is always there
  await all.actions.delete(file)
  await page.reload()
  // a file came after the page was loaded: the server's word is said
  await end.waitFor()
  const second = await sendAs(all, 'late.jsonl', lines(2000, { seed: 982 }), 'vision')
  const yes = async () => {
    await end.click()
    await page.getByRole('dialog', { name: 'Delete the project vision?' }).getByRole('button', { name: 'Delete' }).click()
  }
  await yes()
  await page.getByText('The project "vision" owns files or uploads under way. Delete these first.').waitFor()
  await end.waitFor({ state: 'detached' }) // what it owns is told again
  await all.actions.delete(second)
  await page.reload()
  await end.waitFor()
  await yes()
  await page.getByText('The project vision is deleted.').waitFor()
  await page.getByRole('heading', { name: 'Project default' }).waitFor() // it was the one that was shown
  await expect(all.projects.get('vision')).rejects.toMatchObject({ status: 404 })
  await page.getByRole('button', { name: 'New project' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('vision')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText('its name is not used again').waitFor()
})

const mail = (n: number) => Buffer.from(`{"text": "write to ada.lovelace${n}@mail.analytical-engines.com or not"}\n`)
const statusOf = async (by: Client, name: string, data: Buffer) => (await by.files.info(await sendAs(all, name, data))).status

it('what is done about content is shown and set; what the server asks for is fixed', async () => {
  const page = await on.open()
  await signIn(page, await keyOf(all, { default: 'admin' }), '/settings')
  const shown = async () => Object.fromEntries(await page.locator('section', { has: page.getByRole('heading', { name: 'What is done about content' }) }).locator('dl > div').evaluateAll((d) => d.map((x) => [x.querySelector('dt')!.textContent, x.querySelector('dd')!.textContent])))
  await expect.poll(shown).toMatchObject({ 'Key, token or password': 'Refuse by the server', 'E-mail address': 'Warn by the server', 'Bank account number (IBAN)': 'Off', 'Spreadsheet formula': 'Off' })
  expect(await statusOf(all, 'warned.jsonl', mail(1))).toBe('fresh')

  const open = async () => {
    await page.getByRole('button', { name: 'Change…' }).click()
    return page.getByRole('dialog')
  }
  let dialog = await open()
  await dialog.getByText('Refuse, by the server').waitFor()
  expect(await dialog.getByLabel('Key, token or password').count()).toBe(0) // nothing is stricter
  expect(await dialog.getByLabel('E-mail address').locator('option').allInnerTexts()).toEqual(['Warn, by the server', 'Quarantine', 'Refuse'])
  expect(await dialog.getByLabel('Hidden characters').locator('option').allInnerTexts()).toEqual(['Off', 'Warn', 'Quarantine', 'Refuse'])
  await dialog.getByLabel('E-mail address').selectOption('Refuse')
  await dialog.getByLabel('Bank account number (IBAN)').selectOption('Quarantine')
  await dialog.getByRole('button', { name: 'Save' }).click() // no files go by it: nothing is tried first
  await expect.poll(shown).toMatchObject({ 'E-mail address': 'Refuse', 'Bank account number (IBAN)': 'Quarantine' })
  expect((await all.projects.get('default')).content_policy).toEqual({ email: 'refuse', iban: 'quarantine' })
  expect(await statusOf(all, 'refused.jsonl', mail(2))).toBe('failed')

  dialog = await open()
  await dialog.getByLabel('E-mail address').selectOption('Warn, by the server')
  await dialog.getByLabel('Bank account number (IBAN)').selectOption('Off')
  await dialog.getByLabel('Script in markup').selectOption('Warn')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect.poll(shown).toMatchObject({ 'E-mail address': 'Warn by the server', 'Bank account number (IBAN)': 'Off', 'Script in markup': 'Warn' })
  expect((await all.projects.get('default')).content_policy).toEqual({ 'html-script': 'warn' }) // of its own it asks for no more
})

it('who does not administer the project sees its policy, and sets none', async () => {
  const page = await on.open()
  await signIn(page, await keyOf(all, { default: 'curator' }), '/settings')
  await page.getByText('Script in markup').waitFor()
  expect(await page.getByRole('button', { name: 'Change…' }).count()).toBe(0)
})
