import { expect, it } from 'vitest'
import { choose, file, get, lines, part, row, setUp, throttle, until } from './console.ts'

const on = setUp(['--part-size', `${part}`])

it('24 checked is never ahead of received; 25 a bad line shows as a red mark at its place while bytes still come', async () => {
  const page = await on.open()
  await throttle(page, 2 * part)
  // the last part waits until the page was looked at
  let release = () => {}
  const held = new Promise<void>((r) => (release = r))
  await page.route('**/parts/12', (route) => held.then(() => route.continue()))
  await choose(page, file('live.jsonl', lines(12 * part, { seed: 24, broken: [100] })))
  const at = row(page, 'live.jsonl')
  await at.locator('[data-mark]').first().waitFor()
  const seen = await at.evaluate((li) => ({
    state: li.getAttribute('data-state'),
    percent: parseInt(li.querySelector('[data-percent]')?.textContent ?? '100'),
    left: parseFloat(li.querySelector<HTMLElement>('[data-mark]')!.style.left),
    text: li.textContent,
  }))
  expect(seen.state).toBe('sending')
  expect(seen.percent).toBeLessThan(100)
  expect(seen.left).toBeLessThan(3)
  expect(seen.text).toContain('1 line with errors')
  const { bytes_checked, bytes_received } = await get<{ bytes_checked: number; bytes_received: number }>(on.server, `/upload-progress/${(await get<{ files: { file_id: string }[] }>(on.server, '/staged-files?q=live.jsonl')).files[0]!.file_id}`)
  expect(bytes_checked).toBeGreaterThan(0)
  expect(bytes_checked).toBeLessThanOrEqual(bytes_received)
  const widths = await at.evaluate(
    (li) =>
      new Promise<[number, number][]>((resolve) => {
        const out: [number, number][] = []
        const look = () => {
          const w = (what: string) => Number(/scaleX\((.*)\)/.exec(li.querySelector<HTMLElement>(`[data-flow="${what}"]`)!.style.transform)![1])
          out.push([w('received'), w('checked')])
          if (out.length === 120) resolve(out)
          else requestAnimationFrame(look)
        }
        look()
      }),
  )
  release()
  expect(widths.every(([received, checked]) => checked <= received)).toBe(true)
  // the bar tells what the server told
  expect(Math.max(...widths.map(([, checked]) => checked))).toBeGreaterThan(bytes_checked / lines(12 * part, { seed: 24 }).length - 0.05)
  await at.getByText('Failed checks').waitFor()
  await at.getByText('1 error found').waitFor()
})

it('an upload from elsewhere shows, too', async () => {
  const page = await on.open()
  const id = `file_${'ab'.repeat(16)}`
  const form = new FormData()
  form.append('file_id', id)
  form.append('file', new Blob([lines(4 * part, { seed: 30 }) as BlobPart]), 'elsewhere.jsonl')
  // a body that waits in its middle for the page
  const body = new Response(form)
  const bytes = new Uint8Array(await body.arrayBuffer())
  let release = () => {}
  const held = new Promise<void>((r) => (release = r))
  const stream = new ReadableStream<Uint8Array>({
    async start(c) {
      c.enqueue(bytes.slice(0, 2 * part))
      await held
      c.enqueue(bytes.slice(2 * part))
      c.close()
    },
  })
  const sent = fetch(`${on.server.url}/data/efficient/upload-large-file`, { method: 'POST', body: stream, headers: { 'content-type': body.headers.get('content-type')! }, duplex: 'half' } as RequestInit)
  await row(page, 'elsewhere.jsonl').getByText('sent from elsewhere').waitFor()
  release()
  expect((await sent).status).toBe(200)
  await until('it is off the list', async () => (await row(page, 'elsewhere.jsonl').count()) === 0)
  await page.getByRole('row').filter({ hasText: 'elsewhere.jsonl' }).getByText('Fresh').waitFor()
})
