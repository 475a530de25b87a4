import { beforeAll, expect, it } from 'vitest'
import { createClient, type Client } from '@freshet/client'
import { admin, keyOf, signIn } from './as.ts'
import { setUp } from './console.ts'

const on = setUp()
let all: Client

beforeAll(async () => {
  all = admin(on.server)
  await all.projects.put('vision', {})
  await all.projects.put('text', {})
})

const newest = async () => (await all.keys.list())[0]!

it('a key has a role where it is made, and ends after 90 days, unless it is said otherwise', async () => {
  const page = await on.open()
  await signIn(page, all.key!, '/keys')
  const make = async (name: string, fill: () => Promise<unknown>) => {
    await page.getByRole('button', { name: 'Create a key' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Name' }).fill(name)
    await fill()
    await dialog.getByRole('button', { name: 'Create a key' }).click()
    const key = await page.locator('[data-key]').innerText()
    await page.getByRole('button', { name: 'I have stored it' }).click()
    return createClient({ baseUrl: on.server.url, key })
  }
  const plain = await make('ingest', async () => {})
  const made = await newest()
  expect(made).toMatchObject({ name: 'ingest', roles: { default: 'uploader' }, scopes: [] })
  expect(Math.round((Date.parse(made.expires_time!) - Date.parse(made.created_time)) / 86_400_000)).toBe(90)
  expect(await plain.session.get()).toMatchObject({ roles: { default: 'uploader' } })

  await make('trainer', async () => {
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Role').selectOption('viewer')
    for (const p of ['default', 'vision', 'text']) await dialog.getByRole('checkbox', { name: p, exact: true }).click()
    await dialog.getByText('Only some of it').click()
    expect(await dialog.getByRole('checkbox', { name: /^upload:/ }).count()).toBe(0) // a viewer may not
    await dialog.getByRole('checkbox', { name: /^download:/ }).check()
    await dialog.getByLabel('Ends').selectOption('Never')
  })
  expect(await newest()).toMatchObject({ name: 'trainer', roles: { vision: 'viewer', text: 'viewer' }, scopes: ['download'], expires_time: null })
  const entry = page.getByRole('listitem').filter({ hasText: 'trainer' })
  await entry.getByText('Viewer in text, Viewer in vision · only download').waitFor()
  await entry.getByText('does not end').waitFor()
  await entry.getByText(/made .*, Key [0-9a-f]{12}/).waitFor()

  await page.getByRole('button', { name: 'Create a key' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('nowhere')
  await dialog.getByRole('checkbox', { name: 'default', exact: true }).click()
  await dialog.getByRole('button', { name: 'Create a key' }).click()
  await dialog.getByText('Tick a project.').waitFor()
})

it('one that has ended says so', async () => {
  await all.keys.create({ name: 'brief', roles: { vision: 'viewer' }, expires_time: new Date(Date.now() + 1500).toISOString() })
  const page = await on.open()
  await signIn(page, all.key!, '/keys')
  const entry = page.getByRole('listitem').filter({ hasText: 'brief' })
  await entry.getByText(/^(ends|ended) /).waitFor()
  await page.waitForTimeout(1600) // its time
  await page.reload()
  await entry.getByText('Expired').waitFor()
  await entry.getByText(/^ended /).waitFor()
})

it('an administrator of one project makes keys of that alone, and sees no other', async () => {
  const page = await on.open()
  await signIn(page, await keyOf(all, { vision: 'admin', text: 'viewer' }), '/keys')
  await page.getByLabel('Project').first().selectOption('vision')
  await page.getByRole('listitem').filter({ hasText: 'brief' }).waitFor()
  expect(await page.getByText('platform').count()).toBe(0)
  await page.getByRole('button', { name: 'Create a key' }).first().click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByText('In which projects').count()).toBe(0)
  await dialog.getByRole('textbox', { name: 'Name' }).fill('vision-ci')
  await dialog.getByRole('button', { name: 'Create a key' }).click()
  await page.locator('[data-key]').waitFor()
  expect(await newest()).toMatchObject({ name: 'vision-ci', roles: { vision: 'uploader' } })
  await page.getByRole('button', { name: 'I have stored it' }).click()
  // in the other project they are a viewer
  await page.getByLabel('Project').first().selectOption('text')
  await page.getByText('This takes an administrator of the project.').waitFor()
  expect(await page.getByRole('button', { name: 'Create a key' }).count()).toBe(0)
})
