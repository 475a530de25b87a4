import { expect, it } from 'vitest'
import { everyWay, violations } from './axe.ts'
import { choose, file, lines, part, row, send, setUp, throttle, until } from './console.ts'

const on = setUp(['--part-size', `${part}`])

it('44 every page, wide and narrow, light and dark: nothing for axe to find, no sideways scroll, targets of 24 px', async () => {
  const good = await send(on.server, 'access-good.jsonl', lines(20_000, { seed: 441 }))
  const bad = await send(on.server, 'access-with-a-rather-long-name-that-has-to-be-cut-somewhere-2026-11.jsonl', lines(20_000, { seed: 442, broken: [3, 50, 90] }))
  const csv = await send(on.server, 'access.csv', 'name,age\nann,3\nbob,4\ncy,x\n')
  await fetch(`${on.server.url}/data/efficient/rule-sets/chat-v4`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"min_records":1}' })
  const tabs = ['checks', 'fields', 'records', 'history']
  const paths = ['/', '/?q=nothing-like-it', '/rules', '/rules?set=chat-v4', '/activity', '/keys', '/settings', ...[good, bad, csv].flatMap((f) => tabs.map((tab) => `/files/${f.file_id}?tab=${tab}`))]
  const wrong: string[] = []
  const page = await on.open('/settings')
  for (const path of paths) {
    await page.goto(on.server.url + path)
    await until(`a page at ${path}`, async () => (await page.getByRole('heading', { level: 1 }).count()) > 0)
    await until('all is loaded', async () => (await page.locator('[aria-busy=true]').count()) === 0)
    wrong.push(...(await everyWay(page, path)))
  }
  expect([...new Set(wrong)]).toEqual([])
}, 300_000)

it('44 what opens, too: menus, dialogs, uploads under way, the sign-in page, an address where nothing is', async () => {
  const { file_id } = await send(on.server, 'open.jsonl', lines(20_000, { seed: 443, broken: [3] }))
  const page = await on.open()
  const wrong: string[] = []
  const look = async (what: string) => wrong.push(...(await violations(page)).map((v) => `${what}: ${v}`))
  await throttle(page, part / 2)
  await choose(page, file('arrives.jsonl', lines(6 * part, { seed: 444 })))
  await row(page, 'arrives.jsonl').locator('[data-percent]').waitFor()
  await look('an upload under way')
  await page.getByRole('button', { name: 'Pause arrives.jsonl' }).click()
  await look('one that is paused')
  await page.getByRole('button', { name: 'Actions for open.jsonl' }).click()
  await page.getByRole('menu').waitFor()
  await look('a menu')
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await look('a question')
  await page.keyboard.press('Escape')
  // the focus is where it was before the menu
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Actions for open.jsonl')
  await page.getByRole('button', { name: 'Upload options' }).click()
  await page.getByRole('dialog').waitFor()
  await look('the options')
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await look('the shortcuts')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Cancel arrives.jsonl' }).click()
  await page.goto(`${on.server.url}/files/${file_id}`)
  await page.getByRole('button', { name: 'Check again' }).click()
  await page.getByRole('dialog').waitFor()
  await look('checking again')
  await page.goto(`${on.server.url}/no-such-page`)
  await page.getByRole('heading', { name: 'There is nothing at this address.' }).waitFor()
  await look('nothing here')
  await page.route(/\/session$/, (r) => r.fulfill({ json: { keys_exist: true, signed_in: false, actor: null, key_name: null, roles: {}, scopes: [], expires_at: null, version: '0' } }))
  await page.goto(on.server.url)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await look('signing in')
  expect(wrong).toEqual([])
})

it('44 less motion is none: nothing moves by itself, not while bytes do', async () => {
  const page = await on.open()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await throttle(page, part)
  await choose(page, file('still.jsonl', lines(6 * part, { seed: 445 })))
  await row(page, 'still.jsonl').locator('[data-chunks*="a"]').waitFor()
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await until('with it there is some', async () => (await page.evaluate(() => document.getAnimations().length)) > 0)
  await page.getByRole('button', { name: 'Cancel still.jsonl' }).click()
})
