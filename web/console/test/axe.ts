/** What axe finds on a page, and what it does not look for. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  nodes: { target: string[]; failureSummary: string }[]
}

const all = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds on a page, by WCAG 2.2 A and AA and the usual good practice; or by the rules named alone. */
export async function violations(page: Page, rules = all): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) {
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Runtime.evaluate', { expression: axe }) // as a debugger: the content policy holds for the page
    await cdp.detach()
  }
  const found = await page.evaluate(async (runOnly) => {
    const run = (window as unknown as { axe: { run(o: unknown): Promise<{ violations: Violation[] }> } }).axe.run
    return (await run({ runOnly })).violations
  }, rules)
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary}`))
}

/** What is wrong with a page as it stands, wide and narrow, light and dark: by axe, scrolling sideways, small targets. */
export async function everyWay(page: Page, what: string): Promise<string[]> {
  const wrong: string[] = []
  for (const width of [1440, 390, 320]) {
    await page.setViewportSize({ width, height: 900 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
      // a scheme changes colours, and nothing else that axe looks at
      const found = await violations(page, colorScheme === 'dark' ? ['color-contrast'] : all)
      wrong.push(...[...found, ...(await small(page))].map((w) => `${what} ${colorScheme} ${width}: ${w}`))
    }
    const over = await sideways(page)
    if (over > 0) wrong.push(`${what} ${width}: scrolls sideways by ${over} px`)
  }
  return wrong
}

const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Controls that are smaller than 24 by 24 pixels; links in running text are exempt. */
const small = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, select, input, [role=tab], nav a')].flatMap((e) => {
      const r = e.getBoundingClientRect()
      const shown = r.width > 0 && getComputedStyle(e).visibility !== 'hidden' && !e.closest('label')
      return shown && (r.width < 24 || r.height < 24) && !e.classList.contains('link') ? [`small: ${e.outerHTML.slice(0, 120)} ${r.width}x${r.height}`] : []
    }),
  )
