import { beforeAll, expect, it } from 'vitest'
import type { Client, DeletionCertificate, History } from '@freshet/client'
import { admin, keyOf, sendAs, signIn } from './as.ts'
import { lines, setUp } from './console.ts'

const on = setUp()
let all: Client
let gone: string

beforeAll(async () => {
  all = admin(on.server)
  await all.projects.create('vision')
  await all.projects.create('text')
  gone = await sendAs(all, 'gone.jsonl', lines(2000, { seed: 991 }), 'vision')
})

const certificate = (page: import('playwright-core').Page) => page.getByRole('region', { name: 'Certificate of deletion' })

it('a file that is deleted while it is looked at has its certificate in its place, to read and to save', async () => {
  const page = await on.open()
  await signIn(page, all.key!, `/files/${gone}`)
  await page.getByRole('heading', { name: 'gone.jsonl' }).waitFor()
  expect(await certificate(page).count()).toBe(0)
  await all.actions.delete(gone)
  await page.getByRole('heading', { name: 'This file was deleted' }).waitFor()
  const { deleted_by, certificate: note, verifier, audit_row } = await all.deletionCertificate(gone)
  await certificate(page).getByText(`Key ${deleted_by.slice(4)}, from 127.0.0.1`).waitFor()
  const text = await certificate(page).innerText()
  for (const part of [...note.trim().split('\n'), verifier, 'none given', `Row ${audit_row!.number}`]) expect(text).toContain(part.trim())
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save the certificate' }).click()])
  expect(saved.suggestedFilename()).toBe(`${gone}-deletion.json`)
  const json = JSON.parse(await saved.createReadStream().then(async (s) => (await s.toArray()).join(''))) as DeletionCertificate
  expect(json).toMatchObject({ file_id: gone, project: 'vision', certificate: note, verifier })
})

it('the row of the audit log and the steps of a deleted file lead there, and it leads to the row', async () => {
  const page = await on.open()
  await signIn(page, all.key!, '/audit?of=all&action=delete')
  const rows = page.getByRole('list').getByRole('listitem')
  await rows.filter({ hasText: gone }).getByRole('link', { name: 'Certificate of deletion' }).click()
  await certificate(page).getByText('freshet deletion certificate').waitFor()
  await expect.poll(() => page.getByLabel('Project').first().inputValue()).toBe('vision') // the project that it was in
  await certificate(page).getByRole('link', { name: /^Row / }).click()
  await rows.filter({ hasText: gone }).getByText('Deleted', { exact: true }).waitFor()
  await expect.poll(() => rows.count()).toBe(1)
  // what was not deleted has none
  await page.goto(`${on.server.url}/audit?of=all`)
  await rows.filter({ hasText: 'All bytes received' }).first().waitFor()
  expect(await page.getByRole('link', { name: 'Certificate of deletion' }).count()).toBe(1)
})

it('whoever reads in the project has it, and nobody else', async () => {
  const page = await on.open()
  await signIn(page, await keyOf(all, { vision: 'viewer' }), '/activity')
  await page.getByRole('listitem').filter({ hasText: 'Bytes erased' }).getByRole('link', { name: gone }).click()
  await certificate(page).getByText('freshet deletion certificate').waitFor()
  expect(await certificate(page).getByRole('link', { name: /^Row / }).count()).toBe(0) // the audit log is not theirs
  await certificate(page).getByText(/^Row \d/).waitFor()
  await signIn(page, await keyOf(all, { text: 'admin' }), `/files/${gone}`)
  await page.getByRole('heading', { name: 'There is no such file' }).waitFor()
  expect(await certificate(page).count()).toBe(0)
})

it('while not all bytes are gone that is said', async () => {
  const page = await on.open()
  await signIn(page, all.key!)
  await page.route(`**/history/${gone}`, async (route) => {
    const answer = await route.fetch()
    const { events, ...rest } = (await answer.json()) as History
    await route.fulfill({ response: answer, json: { ...rest, events: events.filter((e) => e.action !== 'erase') } })
  })
  await page.goto(`${on.server.url}/files/${gone}`)
  await certificate(page).getByText('Not all of its bytes are gone yet').waitFor()
  await page.unroute(`**/history/${gone}`)
  await certificate(page).getByRole('button', { name: 'Look again' }).click()
  await certificate(page).getByText('freshet deletion certificate').waitFor()
})
