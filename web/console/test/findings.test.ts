import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import { get, lines, part, send, setUp } from './console.ts'

const on = setUp()

interface Report {
  errors: number
  warnings: number
  lines: number
  findings: { line: number; message: string; excerpt: string; mark: [number, number] | null; hint: string; rule: string; severity: string }[]
  by_rule: { rule: string; count: number }[]
}

let id = ''
let report: Report

beforeAll(async () => {
  const all = lines(120_000).toString().split('\n')
  all[142] = '{"id":143,"text":"Where is my "order" now?"}'
  all[300] = '{"id":301,"text":"it ends her'
  all[301] = '{"id":302,"text":"<img src=x onerror=\'document.title=1\'>\u202e" "x" "}'
  all[500] = all[499]!
  id = (await send(on.server, 'findings.jsonl', all.join('\n'))).file_id
  report = await get<Report>(on.server, `/validation-report/${id}`)
})

it('27 a row has its line, message and excerpt with the bad span marked; 28 and a hint', async () => {
  const page = await on.open(`/files/${id}`)
  const bad = report.findings.find((f) => f.line === 143)!
  const at = page.getByRole('listitem').filter({ hasText: bad.message }).first()
  await at.waitFor()
  expect(await at.innerText()).toMatch(/^143\b/)
  expect(await at.locator('mark').first().innerText()).toBe(bad.excerpt.slice(...bad.mark!))
  expect(bad.hint).not.toBe('')
  await at.getByText(bad.hint.slice(0, 20), { exact: false }).first().waitFor()
})

it('33 excerpts are text: nothing runs, nothing is hidden', async () => {
  const page = await on.open(`/files/${id}`)
  const at = page.getByRole('listitem').filter({ hasText: 'onerror' }).first()
  await at.waitFor()
  expect(await at.locator('img').count()).toBe(0)
  expect(await at.innerText()).toMatch(/\\u202[eE]/)
  expect(await page.title()).toContain('findings.jsonl')
})

it('29 filters by rule add up to all', async () => {
  const page = await on.open(`/files/${id}?rule=all`)
  const chips = page.locator('[data-rules] button')
  await chips.first().waitFor()
  const count = (s: string) => Number(/([\d,]+)$/.exec(s.trim())![1]!.replaceAll(',', ''))
  const all = count(await page.getByRole('group', { name: 'Filter by rule' }).getByRole('button', { name: /^All \d/ }).innerText())
  expect(all).toBe(report.errors + report.warnings)
  expect((await chips.allInnerTexts()).reduce((n, s) => n + count(s), 0)).toBe(all)
  for (const chip of await chips.all()) {
    const n = count(await chip.innerText())
    await chip.click()
    await expect.poll(() => page.getByText(new RegExp(`^1–${Math.min(100, n)} of ${n}$`)).count()).toBe(1)
  }
  expect(new URL(page.url()).searchParams.get('rule')).toBe(report.by_rule.find((r) => r.rule === new URL(page.url()).searchParams.get('rule'))?.rule)
})

it('30 the map tells by position: hovering gives the range, keys walk it, choosing lists it', async () => {
  const page = await on.open(`/files/${id}`)
  const map = await get<{ total: number; errors: number[]; warnings: number[] }>(on.server, `/findings-map/${id}?buckets=120`)
  const i = map.errors.findIndex((n) => n > 0)
  const from = Math.floor((i * map.total) / 120) + 1
  const to = Math.floor(((i + 1) * map.total) / 120)
  expect(from).toBeLessThanOrEqual(143)
  expect(to).toBeGreaterThanOrEqual(143)
  const figure = page.getByRole('figure').filter({ hasText: 'Where the errors are' })
  await figure.waitFor()
  const box = (await figure.locator('svg').first().boundingBox())!
  await page.mouse.move(box.x + (box.width * (i + 0.5)) / 120, box.y + box.height / 2)
  await figure.getByText(`Lines ${from}–${to}`, { exact: false }).waitFor()
  await page.mouse.click(box.x + (box.width * (i + 0.5)) / 120, box.y + box.height / 2)
  await page.getByRole('button', { name: 'Whole file' }).waitFor()
  const n = report.findings.filter((f) => f.line >= from && f.line <= to).length
  expect(n).toBeGreaterThan(0)
  await page.getByText(new RegExp(`^1–\\d+ of \\d+$`)).first().waitFor()
})

it('31 findings download as CSV and JSONL, whole', async () => {
  const page = await on.open(`/files/${id}?rule=all`)
  for (const [name, head] of [
    ['errors.csv', 1],
    ['errors.jsonl', 0],
  ] as const) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()])
    const rows = readFileSync((await download.path())!, 'utf8').trimEnd().split('\n').length
    expect(rows).toBe(report.errors + report.warnings + head)
  }
})

it('32 a list that is cut off says so, and shows what must be mended first', async () => {
  // a warning a line, and two errors far behind the thousandth
  const chat = (i: number) => JSON.stringify({ messages: [{ role: 'user', content: `question ${i}` }, { role: 'assistant', content: `answer ${i}` }] })
  const all = Array.from({ length: 3000 }, (_, i) => chat(i))
  all[2499] = '{"messages":'
  all[2799] = '{"messages":['
  const many = (await send(on.server, 'many.jsonl', all.join('\n') + '\n')).file_id
  const page = await on.open(`/files/${many}`)
  const list = page.getByRole('region', { name: 'Lines to fix' })
  await list.getByText('1–2 of 2').waitFor()
  for (const line of ['2,500', '2,800']) await list.getByRole('link', { name: `Line ${line}` }).waitFor()
  const r = await get<Report>(on.server, `/validation-report/${many}`)
  await list.getByRole('button', { name: /^All \d/ }).click()
  await list.getByText(`The first 1,000 are shown. All ${(r.errors + r.warnings).toLocaleString('en-US')} are in errors.csv`).waitFor()
})

it('35 a report on a file that still arrives is labelled; 24 so is its bar', async () => {
  const create = await fetch(`${on.server.url}/data/efficient/uploads`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ file_name: 'half.jsonl', file_size: 3 * part, part_size: part }),
  })
  const u = (await create.json()) as { upload_id: string; file_id: string }
  const data = lines(part, { seed: 5 })
  await fetch(`${on.server.url}/data/efficient/uploads/${u.upload_id}/parts/1`, { method: 'PUT', body: data.subarray(0, part) as BodyInit })
  const page = await on.open(`/files/${u.file_id}?tab=fields`)
  await page.getByText(/^So far: [\d,.K]+ records/).first().waitFor()
  await page.getByText('Receiving').first().waitFor()
})

it('36 records: raw and readable, and a line is gone to', async () => {
  const page = await on.open(`/files/${id}?tab=records`)
  await page.getByRole('spinbutton', { name: 'Go to line' }).fill('143')
  await page.keyboard.press('Enter')
  await page.getByText('Where is my').first().waitFor()
  expect(new URL(page.url()).searchParams.get('line')).toBe('143')
  await page.getByRole('button', { name: 'Raw' }).or(page.getByRole('radio', { name: 'Raw' })).first().click()
  await page.getByText('{"id":144,', { exact: false }).first().waitFor()
})

it('34 fields: their figures are those of the report', async () => {
  const csv = 'name,age,team\n' + Array.from({ length: 200 }, (_, i) => `n${i},${i % 50},${i % 4 ? 'red' : ''}`).join('\n') + '\n'
  const { file_id } = await send(on.server, 'fields.csv', csv)
  const page = await on.open(`/files/${file_id}?tab=fields`)
  const card = (name: string) => page.getByRole('article').filter({ has: page.getByRole('heading', { name }) })
  await card('age').waitFor()
  const age = await card('age').innerText()
  expect(age).toMatch(/50/) // distinct
  expect(age).toMatch(/24\.5/) // mean
  const team = await card('team').innerText()
  expect(team).toContain('25') // per cent empty
  expect(team).toContain('red')
})

it('40 the Promote button is off, and says why', async () => {
  const page = await on.open(`/files/${id}`)
  const button = page.getByRole('button', { name: 'Promote', exact: true })
  await button.waitFor()
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  const why = await button.getAttribute('aria-describedby')
  expect(await page.locator(`[id="${why}"]`).innerText()).toMatch(/Fix|failed/)
})
