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
  const button = page.getByRole('button', { name: 'Upload files' })
  await button.waitFor()
  for (let i = 0; i < 40 && !(await button.evaluate((b) => b === document.activeElement)); i++) await page.keyboard.press('Tab')
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  await chooser
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
