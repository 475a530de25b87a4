import { beforeAll, expect, it } from 'vitest'
import type { Client } from '@freshet/client'
import { admin, keyOf, signIn } from './as.ts'
import { setUp } from './console.ts'

const on = setUp([], { width: 320, height: 700 })
let all: Client

beforeAll(() => {
  all = admin(on.server)
})

it('the bar of a phone has four places; the audit log and what else does not fit is behind the last', async () => {
  const page = await on.open()
  await signIn(page, all.key!)
  const bar = page.getByRole('navigation', { name: 'Main' })
  const places = bar.locator('> a:visible, > button:visible')
  expect(await places.allInnerTexts()).toEqual(['Files', 'Rules', 'Activity', 'More'])
  for (const box of await Promise.all((await places.all()).map((p) => p.boundingBox()))) expect(Math.min(box!.width, box!.height)).toBeGreaterThanOrEqual(44)
  const more = bar.getByRole('button', { name: 'More' })
  const links = bar.locator('[popover] a:visible')
  expect(await links.count()).toBe(0)
  await more.click()
  await expect.poll(() => links.allInnerTexts()).toEqual(['Audit log', 'API keys', 'Settings', 'API documentation'])
  for (const box of await Promise.all((await links.all()).map((l) => l.boundingBox()))) {
    expect(box!.height).toBeGreaterThanOrEqual(44)
    expect(box!.x).toBeGreaterThanOrEqual(0)
    expect(box!.x + box!.width).toBeLessThanOrEqual(320)
  }
  await links.filter({ hasText: 'Audit log' }).click()
  await page.getByRole('heading', { name: 'Audit log' }).waitFor()
  expect(await links.count()).toBe(0)
  await page.getByRole('listitem').filter({ hasText: 'Signed in' }).first().waitFor()

  // by keys alone: opened, left by Escape, gone through
  await more.focus()
  await page.keyboard.press('Enter')
  await links.first().waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => links.count()).toBe(0)
  expect(await more.evaluate((e) => e === document.activeElement)).toBe(true)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await links.first().getAttribute('aria-current')).toBe('page') // where one is
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'API keys' }).waitFor()
})

it('who sees four pages has all of them in the bar', async () => {
  const page = await on.open()
  await signIn(page, await keyOf(all, { default: 'viewer' }))
  const places = page.getByRole('navigation', { name: 'Main' }).locator('> a:visible, > button:visible')
  await expect.poll(() => places.allInnerTexts()).toEqual(['Files', 'Rules', 'Activity', 'Settings'])
})
