import { expect, it } from 'vitest'
import { choose, drop, file, get, lines, row, send, setUp, until } from './console.ts'

const on = setUp()

it('1 drop anywhere shows a full-page target', async () => {
  const page = await on.open('/settings')
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  await drop(page, 'dragEnter', file('a.jsonl', '{}\n'))
  await page.getByText('Drop to upload').waitFor()
})

it('2 dropping files and folders lists them all', async () => {
  const page = await on.open()
  await page.getByRole('heading', { name: 'Files' }).waitFor()
  file('folder/deep/three.jsonl', lines(2000, { seed: 3 }))
  const paths = [file('one.jsonl', lines(2000, { seed: 1 })), file('two.csv', 'a,b\n1,2\n'), file('folder/four.txt', 'a line\n').replace(/\/four\.txt$/, '')]
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await drop(page, type, ...paths)
  for (const name of ['one.jsonl', 'two.csv', 'three.jsonl', 'four.txt']) await row(page, name).getByText('all checks passed').waitFor()
})

it('3 leaving and Escape cancel the overlay', async () => {
  const page = await on.open()
  await page.getByRole('heading', { name: 'Files' }).waitFor()
  const target = page.getByText('Drop to upload')
  const path = file('a.jsonl', '{}\n')
  await drop(page, 'dragEnter', path)
  await target.waitFor()
  // leaving the window; the debugger has no such event
  await page.evaluate(() => document.body.dispatchEvent(new DragEvent('dragleave', { bubbles: true, relatedTarget: null })))
  await target.waitFor({ state: 'hidden' })
  await drop(page, 'dragEnter', path)
  await target.waitFor()
  await page.keyboard.press('Escape')
  await target.waitFor({ state: 'hidden' })
})

it('4 the file button works by keyboard', async () => {
  const page = await on.open()
  let asked = false
  page.on('filechooser', () => (asked = true)) // listening early: the browser has to be told of it
  const button = page.getByRole('button', { name: 'Upload files' })
  await button.waitFor()
  for (let i = 0; i < 40 && !(await button.evaluate((b) => b === document.activeElement)); i++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await until('a file is asked for', () => asked)
})

it('5 what cannot be sent is refused before any byte, in one summary', async () => {
  const page = await on.open()
  const asked: string[] = []
  page.on('request', (r) => r.method() !== 'GET' && asked.push(r.url()))
  await choose(page, file('setup.exe', 'MZ'), file('nothing.jsonl', ''))
  const alert = page.getByRole('alert').filter({ hasText: '2 files were left out' })
  await alert.waitFor()
  expect(await alert.innerText()).toContain('setup.exe: not JSONL')
  expect(await alert.innerText()).toContain('nothing.jsonl: empty')
  expect(asked).toEqual([])
})

it('what is dropped on another page is told of there, and sent', async () => {
  const page = await on.open('/settings')
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  const paths = [file('bad.exe', 'MZ'), file('elsewhere-dropped.jsonl', lines(3000, { seed: 51 }))]
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await drop(page, type, ...paths)
  await page.getByRole('alert').filter({ hasText: 'bad.exe: not JSONL' }).waitFor()
  await page.getByText('1 file is being sent.').waitFor()
  await until('it is fresh', async () => (await get<{ files: { status: string }[] }>(on.server, '/staged-files?q=elsewhere-dropped')).files[0]?.status === 'fresh')
})

it('where names cannot be compared nothing is lost: it is tried again', async () => {
  const page = await on.open()
  await page.route(/\/named-files$/, (r) => r.abort())
  await choose(page, file('held.jsonl', lines(3000, { seed: 52 })))
  const alert = page.getByRole('alert').filter({ hasText: '1 file waits' })
  await alert.waitFor()
  await page.unroute(/\/named-files$/)
  await alert.getByRole('button', { name: 'Try again' }).click()
  await row(page, 'held.jsonl').getByText('all checks passed').waitFor()
})

it('a folder of many small files is sent with few rows in the page', async () => {
  const page = await on.open()
  const paths = Array.from({ length: 300 }, (_, i) => file(`many/small-${i}.jsonl`, `{"n":${i},"seed":${Math.random()}}\n`))
  const asked: string[] = []
  page.on('request', (r) => asked.push(new URL(r.url()).pathname))
  await choose(page, ...paths)
  await until('all are fresh', async () => (await get<{ files: unknown[]; total_count: number }>(on.server, '/staged-files?q=small-&status=fresh&limit=1')).total_count === 300, 50_000)
  expect(await page.locator('[data-transfer]').count()).toBeLessThan(30)
  expect(asked.filter((p) => p.endsWith('/named-files')).length).toBe(1)
  await until('the heading says so', async () => (await page.getByRole('button', { name: 'Clear finished' }).count()) === 1)
})

it('6 replacing by content that is here already deletes nothing else, and says so', async () => {
  const data = lines(4000, { seed: 53 })
  const other = await send(on.server, 'other-name.jsonl', data)
  const old = await send(on.server, 'replaced-by-a-copy.jsonl', lines(3000, { seed: 54 }))
  const page = await on.open()
  await choose(page, file('replaced-by-a-copy.jsonl', data))
  const dialog = page.getByRole('dialog', { name: 'A file of this name is here already' })
  await dialog.getByRole('radio', { name: 'Replace' }).check()
  await dialog.getByRole('button', { name: /^Go on/ }).click()
  await row(page, 'replaced-by-a-copy.jsonl').getByText('This content was here already').waitFor()
  // the old one goes: what replaces it is the file of the same content
  await until('the old one is gone', async () => (await fetch(`${on.server.url}/data/efficient/file-info/${old.file_id}`)).status === 404)
  expect((await get<{ status: string }>(on.server, `/file-info/${other.file_id}`)).status).toBe('fresh')
  expect(await page.evaluate(() => localStorage.getItem('replacing'))).toBe('{}')
})

it('6 a name that is taken asks: keep both, replace, skip', async () => {
  const named = async (name: string) => (await get<{ files: { file_id: string; original_name: string; status: string }[] }>(on.server, `/staged-files?q=${name}`)).files
  for (const [choice, left] of [['Keep both', 2], ['Skip', 1], ['Replace', 1]] as const) {
    const name = `same-${left}-${choice.toLowerCase().replace(' ', '-')}.jsonl`
    const old = await send(on.server, name, lines(2000, { seed: Math.random() }))
    const page = await on.open()
    await choose(page, file(name, lines(3000, { seed: Math.random() })))
    const dialog = page.getByRole('dialog', { name: 'A file of this name is here already' })
    await dialog.getByRole('radio', { name: choice }).check()
    await dialog.getByRole('button', { name: /^Go on/ }).click()
    await dialog.waitFor({ state: 'hidden' })
    if (choice !== 'Skip') await row(page, name).getByText('all checks passed').waitFor()
    const files = await until(`${choice} leaves ${left}`, async () => {
      const files = await named(name)
      return files.length === left && files
    })
    expect(files.some((f) => f.file_id === old.file_id)).toBe(choice !== 'Replace')
    await page.close()
  }
})
