import { expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { choose, file, get, lines, openBrowser, part, row, setUp, sha256, throttle, until } from './console.ts'

const on = setUp(['--part-size', `${part}`])

/** Sends until some parts are safe, then has the page loaded again. */
async function half(page: Page, path: string, name: string) {
  await throttle(page, 3 * part)
  await choose(page, path)
  await until('some is safe', async () => (await row(page, name).locator('[data-chunks*="dd"]').count()) > 0)
}

async function chooseAgain(page: Page, name: string, path: string) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), row(page, name).getByRole('button', { name: 'Choose file' }).click()])
  await chooser.setFiles(path)
}

async function wantWhole(name: string, path: string) {
  const { files } = await get<{ files: { file_id: string; status: string }[] }>(on.server, `/staged-files?q=${name}`)
  expect(files.map((f) => f.status)).toEqual(['fresh'])
  const { createHash } = await import('node:crypto')
  const r = await fetch(`${on.server.url}/data/efficient/download-file/${files[0]!.file_id}`)
  expect(createHash('sha256').update(Buffer.from(await r.arrayBuffer())).digest('hex')).toBe(sha256(path))
}

it('17 after a reload what is unfinished asks for its file and goes on; 18 another file is refused', async () => {
  const page = await on.open()
  const path = file('seventeen.jsonl', lines(12 * part, { seed: 17 }))
  await half(page, path, 'seventeen.jsonl')
  await page.reload()
  const at = row(page, 'seventeen.jsonl')
  await at.getByText(/^The page was loaded again\. Choose the same file to continue from [1-9]\d*%\.$/).waitFor()
  await at.getByText('Choose file again').waitFor()
  await chooseAgain(page, 'seventeen.jsonl', file('other/seventeen.jsonl', lines(12 * part, { seed: 18 })))
  await page.getByText(/not the same file/).first().waitFor()
  const put: number[] = []
  page.on('request', (r) => r.method() === 'PUT' && put.push(Number(/\/parts\/(\d+)$/.exec(r.url())?.[1])))
  await chooseAgain(page, 'seventeen.jsonl', path)
  await at.getByText('all checks passed').waitFor()
  expect(put.length).toBeLessThan(12) // what was safe is not sent again
  await wantWhole('seventeen', path)
})

// The system's picker and its question whether a page may read cannot be answered
// here. A file of the browser's own file system is chosen by a handle, too, and needs no question.
it('19 a file whose handle was kept goes on with one click', async () => {
  const page = await on.browser.context.newPage()
  await page.goto(`${on.server.url}/settings`)
  const path = file('nineteen.jsonl', lines(12 * part, { seed: 19 }))
  await page.setContent('<input type="file">')
  await page.setInputFiles('input', path)
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const handle = await root.getFileHandle('nineteen.jsonl', { create: true })
    const out = await handle.createWritable()
    await out.write(document.querySelector('input')!.files![0]!)
    await out.close()
  })
  await page.addInitScript(() => {
    window.showOpenFilePicker = async () => [await (await navigator.storage.getDirectory()).getFileHandle('nineteen.jsonl')]
  })
  await page.goto(on.server.url)
  await throttle(page, 3 * part)
  await page.getByRole('button', { name: 'Upload files' }).click()
  await until('some is safe', async () => (await row(page, 'nineteen.jsonl').locator('[data-chunks*="dd"]').count()) > 0)
  await page.reload()
  await row(page, 'nineteen.jsonl').getByRole('button', { name: 'Continue' }).click()
  await row(page, 'nineteen.jsonl').getByText('all checks passed').waitFor()
  await wantWhole('nineteen', path)
})

it('20 after the browser was killed the same', async () => {
  const first = await openBrowser()
  const page = await first.context.newPage()
  await page.addInitScript(() => delete (window as { showOpenFilePicker?: unknown }).showOpenFilePicker)
  await page.goto(on.server.url)
  const path = file('twenty.jsonl', lines(12 * part, { seed: 20 }))
  await half(page, path, 'twenty.jsonl')
  await first.kill()
  const second = await openBrowser({ profile: first.profile })
  try {
    const page = await second.context.newPage()
    await page.addInitScript(() => delete (window as { showOpenFilePicker?: unknown }).showOpenFilePicker)
    await page.goto(on.server.url)
    await chooseAgain(page, 'twenty.jsonl', path)
    await row(page, 'twenty.jsonl').getByText('all checks passed').waitFor()
    await wantWhole('twenty', path)
  } finally {
    await second.close()
  }
})
