import { expect, it } from 'vitest'
import { freshet, lines, setUp, shared } from './console.ts'

const on = setUp()

it.skipIf(shared)('42 a key is shown once and can be copied; the first one locks the server, not this browser; revoking asks', async () => {
  const page = await on.open('/keys')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByText('There are no keys:').waitFor()
  await page.getByRole('button', { name: 'Create a key' }).first().click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Maya K.')
  await page.getByRole('dialog').getByRole('button', { name: 'Create a key' }).click()
  const key = await page.locator('[data-key]').innerText()
  expect(key).toMatch(/^fsh_/)
  await page.getByRole('button', { name: 'Copy' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key)
  await page.getByRole('button', { name: 'I have stored it' }).click()
  expect(await page.content()).not.toContain(key)
  await page.getByText('this browser').waitFor()
  expect((await fetch(`${on.server.url}/data/efficient/staged-files`)).status).toBe(401)

  // the cookie is out of reach of scripts
  expect(await page.evaluate(() => document.cookie)).toBe('')
  const cookies = await page.context().cookies()
  expect(cookies.map((c) => [c.name, c.httpOnly, c.sameSite])).toEqual([['freshet_session', true, 'Strict']])

  // signing out ends it, signing in takes it up again
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  const login = page.getByLabel('API key')
  await login.fill('fsh_wrong_wrong')
  await page.keyboard.press('Enter')
  await page.getByText('This key or token is not known, or it has ended.').waitFor()
  await login.fill(key)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'API keys' }).waitFor()

  // another key is made by the command, and revoked here
  const other = freshet(on.server, 'keys', 'create', 'ci')
  await page.reload()
  await page.getByRole('button', { name: 'Revoke ci' }).click()
  await page.getByRole('dialog', { name: 'Revoke this key?' }).getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('Revoked').waitFor()
  expect((await fetch(`${on.server.url}/data/efficient/staged-files`, { headers: { authorization: `Bearer ${other}` } })).status).toBe(401)

  // revoking the own one signs out
  await page.getByRole('button', { name: 'Revoke Maya K.' }).click()
  await page.getByRole('dialog').getByText('will be signed out').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
})

it('the pages are sent with a strict policy, and kept where they cannot change', async () => {
  const index = await fetch(`${on.server.url}/`)
  const policy = index.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await index.text())![1]!
  const asset = await fetch(on.server.url + script, { headers: { 'accept-encoding': 'gzip' } })
  expect(asset.headers.get('content-encoding')).toBe('gzip')
  expect(asset.headers.get('cache-control')).toContain('immutable')
})

it.skipIf(shared)('41 activity and history show who did what when', async () => {
  // the server has keys by now
  const key = freshet(on.server, 'keys', 'create', 'history')
  const form = new FormData()
  form.append('file', new Blob([lines(3000) as BlobPart]), 'history.jsonl')
  const r = await fetch(`${on.server.url}/data/efficient/upload-large-file`, { method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } })
  const { file_id } = (await r.json()) as { file_id: string }
  const page = await on.open('/activity')
  await page.getByLabel('API key').fill(key)
  await page.keyboard.press('Enter')
  const steps = page.getByRole('listitem').filter({ hasText: 'history.jsonl' })
  await steps.first().waitFor()
  expect(await steps.first().innerText()).toMatch(/Key [0-9a-f]{12}/)
  await page.goto(`${on.server.url}/files/${file_id}?tab=history`)
  await page.getByText(/Key [0-9a-f]{12}/).first().waitFor()
})
