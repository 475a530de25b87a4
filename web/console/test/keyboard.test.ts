import { expect, it } from 'vitest'
import { lines, send, setUp, until } from './console.ts'

const on = setUp()

it('43 keys alone: search, move, open, help, go', async () => {
  for (let i = 1; i <= 3; i++) await send(on.server, `keys-${i}.jsonl`, lines(3000, { seed: 430 + i }))
  const page = await on.open()
  await page.getByRole('row').filter({ hasText: 'keys-1' }).waitFor()
  let asked = false
  page.on('filechooser', () => (asked = true)) // listening early: the browser has to be told of it
  const current = () => page.getByRole('row', { selected: true }).innerText()

  await page.keyboard.press('/')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('search')
  await page.keyboard.type('keys-')
  await until('it is searched for', () => page.url().includes('q=keys-'))
  await page.keyboard.press('Escape')
  await until('it is cleared', () => !page.url().includes('q='))

  await page.getByRole('grid').focus()
  await page.keyboard.press('j')
  expect(await current()).toContain('keys-2')
  await page.keyboard.press('ArrowDown')
  expect(await current()).toContain('keys-1')
  await page.keyboard.press('k')
  expect(await current()).toContain('keys-2')
  const outline = await page.getByRole('grid').evaluate((g) => getComputedStyle(g).outlineStyle)
  expect(outline).toBe('solid') // the focus can be seen
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /keys-2/ }).waitFor()

  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  for (const [key, heading] of [
    ['r', 'Rules'],
    ['a', 'Activity'],
    ['k', 'API keys'],
    ['s', 'Settings'],
    ['f', 'Files'],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
  }
  await page.keyboard.press('u')
  await until('a file is asked for', () => asked)
})
