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
