import { expect, it } from 'vitest'
import { choose, file, freshet, lines, part, row, setUp, shared, throttle, until } from './console.ts'

const on = setUp(['--part-size', `${part}`])

it('addresses that stand for the list lead to it', async () => {
  for (const path of ['/files', '/sign-in']) {
    const page = await on.open(path)
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
  }
})

it.skipIf(shared)('an upload outlives the session: after signing in again it goes on', async () => {
  const key = freshet(on.server, 'keys', 'create', 'maya')
  const page = await on.open()
  const signIn = async () => {
    await page.getByLabel('API key').fill(key)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Files' }).waitFor()
  }
  await signIn()
  await throttle(page, 2 * part)
  await choose(page, file('outlives.jsonl', lines(10 * part, { seed: 71 })))
  await until('some is safe', async () => (await row(page, 'outlives.jsonl').locator('[data-chunks*="d"]').count()) > 0)
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await until('the server refuses it', () => page.evaluate(async () => (await fetch('/data/efficient/staged-files')).status === 401))
  await page.waitForTimeout(1500) // parts under way meet the refusal
  await signIn()
  // whoever works by keyboard begins at the page, not at nothing
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
  await row(page, 'outlives.jsonl').getByText('all checks passed').waitFor()
})
