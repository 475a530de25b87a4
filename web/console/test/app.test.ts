import { expect, it } from 'vitest'
import { choose, file, get, lines, part, row, setUp, throttle, until } from './console.ts'

const on = setUp(['--part-size', `${part}`])

it('21 leaving the page warns only while bytes move', async () => {
  const page = await on.open()
  const asked: string[] = []
  page.on('dialog', (d) => {
    asked.push(d.type())
    void d.dismiss()
  })
  await page.getByRole('heading', { name: 'Files' }).first().click() // the browser warns only who did something
  await throttle(page, part)
  await choose(page, file('leave.jsonl', lines(6 * part, { seed: 21 })))
  await row(page, 'leave.jsonl').locator('[data-percent]').waitFor()
  await page.close({ runBeforeUnload: true })
  await until('it warns', () => asked.includes('beforeunload'))
  await throttle(page, -1)
  await row(page, 'leave.jsonl').getByText('all checks passed').waitFor()
  const closed = page.waitForEvent('close')
  await page.close({ runBeforeUnload: true })
  await closed
  expect(asked).toEqual(['beforeunload'])
})

it('22 going to other pages keeps uploads running', async () => {
  const page = await on.open()
  await throttle(page, 3 * part)
  await choose(page, file('stay.jsonl', lines(8 * part, { seed: 22 })))
  await row(page, 'stay.jsonl').locator('[data-percent]').waitFor()
  await page.getByRole('link', { name: 'Settings' }).first().click()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  await until('it is fresh', async () => (await get<{ files: { status: string }[] }>(on.server, '/staged-files?q=stay')).files[0]?.status === 'fresh')
  await page.getByRole('link', { name: 'Files' }).first().click()
  await row(page, 'stay.jsonl').getByText('all checks passed').waitFor()
})

it('23 of two tabs one sends and both show it; there is one stream of events', async () => {
  const one = await on.open()
  const two = await on.open()
  const streams: string[] = []
  const puts = { one: 0, two: 0 }
  one.on('request', (r) => r.method() === 'PUT' && puts.one++)
  two.on('request', (r) => {
    if (r.method() === 'PUT') puts.two++
    if (r.url().endsWith('/events')) streams.push(r.url())
  })
  await throttle(one, 2 * part)
  await choose(one, file('tabs.jsonl', lines(6 * part, { seed: 23 })))
  await row(two, 'tabs.jsonl').locator('[data-percent]').waitFor()
  await until('both move', async () => (await row(two, 'tabs.jsonl').locator('[data-percent]').innerText()) !== '0%')
  await row(two, 'tabs.jsonl').getByText('sent by another tab').waitFor()
  // what is asked for in the other tab reaches the one that sends
  await two.getByRole('button', { name: 'Pause tabs.jsonl' }).click()
  await row(one, 'tabs.jsonl').getByText('Paused').waitFor()
  await two.getByRole('button', { name: 'Resume tabs.jsonl' }).click()
  await row(one, 'tabs.jsonl').getByText('all checks passed').waitFor()
  expect(puts.one).toBeGreaterThan(0)
  expect(puts.two).toBe(0)
  expect(streams).toEqual([]) // the first tab has it
  // the tab with the stream goes: the other takes it over
  await one.close()
  await until('the other has the stream', () => streams.length === 1)
})
