import { expect, it } from 'vitest'
import { choose, file, get, large, lines, part, row, setUp, sha256, throttle, until } from './console.ts'

const on = setUp(['--part-size', `${part}`])

interface Listed {
  files: { file_id: string; status: string; file_size: number }[]
}
interface UploadProgress {
  bytes_received: number
  progress: number
}

const idOf = (name: string) => until('the server knows it', async () => (await get<Listed>(on.server, `/staged-files?q=${name}`)).files[0]?.file_id)

it('7 a row shows per cent, bytes of all, speed and time left, as the server counts', async () => {
  const page = await on.open()
  await throttle(page, 4 * part)
  await choose(page, file('seven.jsonl', lines(24 * part)))
  const at = row(page, 'seven.jsonl')
  await at.getByText(/MB\/s · .* left/).waitFor()
  const id = await idOf('seven.jsonl')
  await until('half is here', async () => (await get<UploadProgress>(on.server, `/upload-progress/${id}`)).bytes_received > 8 * part)
  const shown = Number(/^([\d.]+) MB of ([\d.]+) MB$/.exec(await at.locator('[data-bytes]').innerText())?.[1]) * 1e6
  const { bytes_received } = await get<UploadProgress>(on.server, `/upload-progress/${id}`)
  expect(Math.abs(shown - bytes_received) / (24 * part)).toBeLessThan(0.1) // four sockets' worth is on its way
  await row(page, 'seven.jsonl').getByText('all checks passed').waitFor()
})

it('8 the per cent never falls and never passes 100; 10 the strip shows parts in parallel; 26 all received reads Checking', async () => {
  const page = await on.open()
  // what comes after the last byte is given time to be seen
  await page.route(/\/complete$/, async (route) => {
    await new Promise((r) => setTimeout(r, 500))
    await route.continue()
  })
  await throttle(page, 4 * part)
  const path = file('eight.jsonl', lines(20 * part, { seed: 8 }))
  await choose(page, path)
  const at = row(page, 'eight.jsonl')
  await at.locator('[data-percent]').waitFor()
  const seen = await page.evaluate(
    () =>
      new Promise<{ percent: number[]; most: number; words: string[] }>((resolve) => {
        const percent: number[] = []
        const words: string[] = []
        let most = 0
        const look = () => {
          const li = document.querySelector('[data-transfer="eight.jsonl"]')!
          const now = li.querySelector('[data-percent]')?.textContent
          if (now) percent.push(parseInt(now.replace('<', '')))
          most = Math.max(most, (li.querySelector('[data-chunks]')?.getAttribute('data-chunks') ?? '').split('a').length - 1)
          words.push(li.textContent ?? '')
          if (li.getAttribute('data-state') === 'done') resolve({ percent, most, words })
          else requestAnimationFrame(look)
        }
        look()
      }),
  )
  expect(seen.percent.length).toBeGreaterThan(200)
  expect(Math.max(...seen.percent)).toBeLessThanOrEqual(100)
  expect(seen.percent).toEqual([...seen.percent].sort((a, b) => a - b))
  expect(seen.most).toBe(4)
  // with all bytes here it is being checked until there is a verdict
  const full = seen.words.filter((w) => w.includes('100%'))
  expect(full.length).toBeGreaterThan(5)
  expect(full.every((w) => w.includes('Checking'))).toBe(true)
  const { files } = await get<Listed>(on.server, '/staged-files?q=eight')
  expect((await get<{ sha256: string | null; file_size: number }>(on.server, `/file-info/${files[0]!.file_id}`)).file_size).toBe(lines(20 * part, { seed: 8 }).length)
  expect(await download(files[0]!.file_id)).toBe(sha256(path))
})

async function download(id: string): Promise<string> {
  const { createHash } = await import('node:crypto')
  const r = await fetch(`${on.server.url}/data/efficient/download-file/${id}`)
  return createHash('sha256').update(Buffer.from(await r.arrayBuffer())).digest('hex')
}

it('9 the time left is smooth: a doubled speed moves it less than half a second', async () => {
  const page = await on.open()
  await throttle(page, 2 * part)
  await choose(page, file('nine.jsonl', lines(40 * part, { seed: 9 })))
  const left = async () => {
    const text = await row(page, 'nine.jsonl').innerText()
    return Number(/· (\d+) s left/.exec(text)?.[1])
  }
  await page.waitForTimeout(3000) // what is smoothed needs a past
  const before = await left()
  await throttle(page, 4 * part)
  await page.waitForTimeout(1000)
  const after = await left()
  expect(before).toBeGreaterThan(5)
  expect(after).toBeGreaterThan((before - 1) / 2)
  await page.getByRole('button', { name: 'Cancel nine.jsonl' }).click()
})

it('11 pausing stops requests within a second; 12 resuming sends only what is missing', async () => {
  const page = await on.open()
  await throttle(page, 4 * part)
  const put: { at: number; part: number }[] = []
  page.on('request', (r) => {
    const part = /\/parts\/(\d+)$/.exec(r.url())?.[1]
    if (r.method() === 'PUT' && part) put.push({ at: Date.now(), part: Number(part) })
  })
  const path = file('eleven.jsonl', lines(20 * part, { seed: 11 }))
  await choose(page, path)
  await until('some parts are sent', () => put.length > 8)
  await page.getByRole('button', { name: 'Pause eleven.jsonl' }).click()
  const paused = Date.now()
  await row(page, 'eleven.jsonl').getByText('Paused').waitFor()
  await page.waitForTimeout(2000) // nothing may happen in it
  expect(put.filter((p) => p.at > paused + 1000)).toEqual([])
  const id = await idOf('eleven.jsonl')
  const uploadId = await uploadOf(id)
  const { parts } = await get<{ parts: string[] }>(on.server, `/uploads/${uploadId}`)
  const here = parts.flatMap((p) => {
    const [from = 0, to = from] = p.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
  expect(here.length).toBeGreaterThan(0)
  const before = put.length
  await page.getByRole('button', { name: 'Resume eleven.jsonl' }).click()
  await row(page, 'eleven.jsonl').getByText('all checks passed').waitFor()
  expect(put.slice(before).filter((p) => here.includes(p.part))).toEqual([])
  expect(await download(id)).toBe(sha256(path))
})

const uploadOf = async (id: string) => (await get<{ upload_id: string | null }>(on.server, `/upload-progress/${id}`)).upload_id

it('13 pause all and resume all take every row', async () => {
  const page = await on.open()
  await throttle(page, 2 * part)
  await choose(page, ...[1, 2, 3].map((n) => file(`thirteen-${n}.jsonl`, lines(5 * part, { seed: 130 + n }))))
  await row(page, 'thirteen-3.jsonl').waitFor()
  await page.getByRole('button', { name: 'Pause all' }).click()
  await until('all rest', async () => (await page.locator('[data-state="paused"]').count()) === 3)
  await throttle(page, -1)
  await page.getByRole('button', { name: 'Resume all' }).click()
  for (const n of [1, 2, 3]) await row(page, `thirteen-${n}.jsonl`).getByText('all checks passed').waitFor()
})

it('14 cancelling asks past 1 GB, and the server lets go of the upload', async () => {
  const page = await on.open()
  await choose(page, large('fourteen.txt', Buffer.from('water moves one way, and this line says so\n'.repeat(24_000)), 1200))
  const id = await idOf('fourteen.txt')
  await until('more than 1 GB is here', async () => (await get<UploadProgress>(on.server, `/upload-progress/${id}`)).bytes_received > 1.02e9, 55_000)
  const uploadId = await uploadOf(id)
  await page.getByRole('button', { name: 'Pause fourteen.txt' }).click()
  await page.getByRole('button', { name: 'Cancel fourteen.txt' }).click()
  await page.getByRole('dialog', { name: 'Cancel this upload?' }).getByRole('button', { name: 'Cancel the upload' }).click()
  await row(page, 'fourteen.txt').waitFor({ state: 'detached' })
  expect((await get<{ state: string }>(on.server, `/uploads/${uploadId}`)).state).toBe('aborted')
}, 90_000)
