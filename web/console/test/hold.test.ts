import { expect, it } from 'vitest'
import type { StoredFile } from '@freshet/client'
import { get, lines, send, setUp, until } from './console.ts'

const on = setUp()

it('a file on hold says why, and is not deleted until the hold ends', async () => {
  const { file_id } = await send(on.server, 'evidence.jsonl', lines(2000, { seed: 931 }))
  const page = await on.open(`/files/${file_id}`)
  const item = async (name: string) => {
    await page.getByRole('button', { name: 'More actions' }).click()
    return page.getByRole('menuitem', { name })
  }
  await (await item('Put on hold…')).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Put on hold' }).click()
  await dialog.getByText('Say why.').waitFor()
  await dialog.getByLabel('Reason').fill('the lawsuit of May')
  await dialog.getByRole('button', { name: 'Put on hold' }).click()
  await page.getByText('On hold: the lawsuit of May').waitFor()
  expect((await get<StoredFile>(on.server, `/file-info/${file_id}`)).hold).toBe('the lawsuit of May')
  const del = await item('Delete…')
  expect(await del.getAttribute('aria-disabled')).toBe('true')
  expect(await del.innerText()).toContain('It is on hold: the lawsuit of May')
  await page.keyboard.press('Escape')
  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByText('Put on hold', { exact: true }).waitFor()
  await (await item('End the hold…')).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End the hold' }).click()
  await page.getByText('On hold:').waitFor({ state: 'detached' })
  await (await item('Delete…')).click()
  await page.getByRole('dialog', { name: 'Delete this file?' }).getByRole('button', { name: 'Delete' }).click()
  await until('it is gone', async () => (await fetch(`${on.server.url}/data/efficient/file-info/${file_id}`)).status === 404)
})

it('a file in quarantine says what was found; nothing of it is read, it can be scanned again and deleted', async () => {
  const { file_id } = await send(on.server, 'eicar.jsonl', lines(2000, { seed: 932 }))
  const page = await on.open('/settings')
  const away = (f: StoredFile): StoredFile => ({ ...f, status: 'quarantined', processing_error: 'the scanner found Win.Test.EICAR_HDB-1' })
  // a server without a scanner finds nothing: its answers are told as of one that has
  await page.route(/\/staged-files/, async (route) => {
    const answer = await route.fetch({ url: route.request().url().replace('status=quarantined', 'status=fresh') })
    const list = (await answer.json()) as { files: StoredFile[]; by_status: Record<string, number> }
    await route.fulfill({ response: answer, json: { ...list, files: list.files.map(away), by_status: { quarantined: 1 } } })
  })
  await page.route(/\/file-info\//, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: away((await answer.json()) as StoredFile) })
  })
  let asked = ''
  await page.route(/\/process-file\//, (route) => {
    asked = route.request().method()
    return route.fulfill({ json: { status: 'processing', message: '', file_id } })
  })
  await page.goto(on.server.url)
  await page.getByRole('button', { name: 'Quarantined 1' }).click()
  await page.getByRole('row').getByText('Quarantined').waitFor()
  expect(new URL(page.url()).search).toBe('?status=quarantined')
  await page.getByRole('button', { name: 'Actions for eicar.jsonl' }).click()
  await page.getByRole('menu').waitFor()
  expect(await page.getByRole('menuitem').allInnerTexts()).toEqual(['Scan again', 'Delete…'])
  await page.keyboard.press('Escape')

  await page.goto(`${on.server.url}/files/${file_id}`)
  await page.getByText('Quarantined: Win.Test.EICAR_HDB-1 found.').waitFor()
  expect(await page.getByRole('link', { name: 'Download' }).count() + (await page.getByRole('button', { name: 'Download' }).count())).toBe(0)
  expect(await page.getByRole('tab').allInnerTexts()).toEqual(expect.not.arrayContaining(['Records']))
  expect(await page.getByRole('button', { name: 'Promote' }).count()).toBe(0)
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menu').waitFor()
  expect((await page.getByRole('menuitem').allInnerTexts()).map((s) => s.split('\n')[0])).toEqual(['Put on hold…', 'Delete…'])
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Scan again' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Scan again' }).click()
  await until('it is asked for', () => asked === 'POST')
})
