import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { lines, send, setUp, until } from './console.ts'

const on = setUp()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  nodes: { target: string[]; failureSummary: string }[]
}

/** What axe finds on a page, by WCAG 2.2 A and AA and the usual good practice. */
async function violations(page: Page): Promise<string[]> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Runtime.evaluate', { expression: axe }) // as a debugger: the content policy holds for the page
  const found = await page.evaluate(async () => {
    const run = (window as unknown as { axe: { run(o: unknown): Promise<{ violations: Violation[] }> } }).axe.run
    return (await run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
  })
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary}`))
}

const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Controls that are smaller than 24 by 24 pixels; links in running text are exempt. */
const small = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, select, input, [role=tab], nav a')].flatMap((e) => {
      const r = e.getBoundingClientRect()
      const shown = r.width > 0 && getComputedStyle(e).visibility !== 'hidden' && !e.closest('label')
      return shown && (r.width < 24 || r.height < 24) && !e.classList.contains('link') ? [`${e.outerHTML.slice(0, 120)} ${r.width}x${r.height}`] : []
    }),
  )

it('44 every page, wide and narrow, light and dark: nothing for axe to find, no sideways scroll, targets of 24 px', async () => {
  const good = await send(on.server, 'access-good.jsonl', lines(20_000, { seed: 441 }))
  const bad = await send(on.server, 'access-with-a-rather-long-name-that-has-to-be-cut-somewhere-2026-11.jsonl', lines(20_000, { seed: 442, broken: [3, 50, 90] }))
  const csv = await send(on.server, 'access.csv', 'name,age\nann,3\nbob,4\ncy,x\n')
  await fetch(`${on.server.url}/data/efficient/rule-sets/chat-v4`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"min_records":1}' })
  const tabs = ['checks', 'fields', 'records', 'history']
  const paths = ['/', '/?q=nothing-like-it', '/rules', '/rules?set=chat-v4', '/activity', '/keys', '/settings', ...[good, bad, csv].flatMap((f) => tabs.map((tab) => `/files/${f.file_id}?tab=${tab}`))]
  const wrong: string[] = []
  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390, 320]) {
      const page = await on.open('/settings')
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 900 })
      for (const path of paths) {
        await page.goto(on.server.url + path)
        await until(`a page at ${path}`, async () => (await page.getByRole('heading', { level: 1 }).count()) > 0)
        await until('all is loaded', async () => (await page.locator('[aria-busy=true]').count()) === 0)
        const at = `${path} ${scheme} ${width}: `
        wrong.push(...(await violations(page)).map((v) => at + v), ...(await small(page)).map((s) => `${at}small: ${s}`))
        const over = await sideways(page)
        if (over > 0) wrong.push(`${at}scrolls sideways by ${over} px`)
      }
      await page.close()
    }
  }
  expect([...new Set(wrong)]).toEqual([])
}, 400_000)

it('44 less motion is none: nothing moves by itself', async () => {
  const page = await on.open()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const moving = await page.evaluate(() => [...document.styleSheets].flatMap((s) => [...s.cssRules]).filter((r) => r instanceof CSSMediaRule && r.conditionText.includes('no-preference')).length)
  expect(moving).toBeGreaterThan(0)
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
})
