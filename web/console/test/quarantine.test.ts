import { expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import type { StoredFile } from '@freshet/client'
import { choose, file, get, row, send, setUp, until } from './console.ts'

const on = setUp(['--content-policy', 'email=quarantine'])

const withAddress = (n: number) => Array.from({ length: 20 }, (_, i) => `{"id":${i},"text":"${i === 7 ? `write to ada${n}@harbour-lights.org` : `nothing ${n * i}`}"}\n`).join('')
const items = async (page: Page, button: string) => {
  await page.getByRole('button', { name: button }).click()
  await page.getByRole('menu').waitFor()
  const all = (await page.getByRole('menuitem').allInnerTexts()).map((s) => s.split('\n')[0])
  await page.keyboard.press('Escape')
  return all
}

it('a file in quarantine says why; nothing of it is offered, it can be scanned again and deleted', async () => {
  const page = await on.open()
  await choose(page, file('letters.jsonl', withAddress(1)))
  await row(page, 'letters.jsonl').getByText(/^Quarantined: .*email/).waitFor()
  await page.getByRole('button', { name: 'Quarantined 1' }).click()
  await page.getByRole('row').getByText('Quarantined').waitFor()
  expect(new URL(page.url()).search).toBe('?status=quarantined')
  expect(await items(page, 'Actions for letters.jsonl')).toEqual(['Scan again', 'Delete…'])

  await page.getByRole('link', { name: 'letters.jsonl' }).click()
  await page.getByRole('main').getByText(/^Quarantined: .*email.*\./).first().waitFor()
  await page.getByText('Something was found in it all the same.').waitFor()
  expect((await page.getByRole('link', { name: 'Download' }).count()) + (await page.getByRole('button', { name: 'Download' }).count())).toBe(0)
  expect(await page.getByRole('tab').allInnerTexts()).toEqual(expect.not.arrayContaining(['Records']))
  expect(await page.getByRole('button', { name: 'Promote' }).count()).toBe(0)
  expect(await items(page, 'More actions')).toEqual(['Put on hold…', 'Delete…'])

  // the word of a person lets it out
  const id = new URL(page.url()).pathname.split('/').at(-1)!
  await page.getByRole('button', { name: 'Scan again' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Scan again' }).click()
  await until('it is fresh', async () => (await get<StoredFile>(on.server, `/file-info/${id}`)).status === 'fresh')
  await page.getByRole('link', { name: 'Download' }).waitFor()
})

it('what the scanner found is named', async () => {
  const { file_id } = await send(on.server, 'eicar.jsonl', withAddress(2))
  const page = await on.open('/settings')
  // a server without a scanner names the rule: its answer is told as of one that has
  await page.route(/\/file-info\//, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as StoredFile), processing_error: 'the scanner found Win.Test.EICAR_HDB-1' } })
  })
  await page.goto(`${on.server.url}/files/${file_id}`)
  await page.getByText('Quarantined: Win.Test.EICAR_HDB-1 found.').waitFor()
})
