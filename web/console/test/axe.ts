/** What axe finds on a page, and what it does not look for. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  nodes: { target: string[]; failureSummary: string }[]
}

/** What axe finds on a page, by WCAG 2.2 A and AA and the usual good practice. */
export async function violations(page: Page): Promise<string[]> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Runtime.evaluate', { expression: axe }) // as a debugger: the content policy holds for the page
  const found = await page.evaluate(async () => {
    const run = (window as unknown as { axe: { run(o: unknown): Promise<{ violations: Violation[] }> } }).axe.run
    return (await run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
  })
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary}`))
}

export const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Controls that are smaller than 24 by 24 pixels; links in running text are exempt. */
export const small = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, select, input, [role=tab], nav a')].flatMap((e) => {
      const r = e.getBoundingClientRect()
      const shown = r.width > 0 && getComputedStyle(e).visibility !== 'hidden' && !e.closest('label')
      return shown && (r.width < 24 || r.height < 24) && !e.classList.contains('link') ? [`${e.outerHTML.slice(0, 120)} ${r.width}x${r.height}`] : []
    }),
  )
