import { expect, it } from 'vitest'
import type { StoredFile } from '@freshet/client'
import { admin, keyOf, sendAs, signIn } from './as.ts'
import { everyWay } from './axe.ts'
import { lines, setUp, until } from './console.ts'

const on = setUp(['--content-policy', 'email=warn', '--content-policy', 'secret=refuse'])

it('44 projects, keys, limits, policies, holds, quarantine, certificates and the audit log: nothing for axe to find, no sideways scroll, targets of 24 px', async () => {
  const all = admin(on.server)
  await all.projects.put('a-project-with-quite-a-long-name-that-does-not-fit', { max_files: 4, max_bytes: 100_000, retention: [{ status: 'fresh', data_type: 'sample', keep_days: 90, keep_last: 10 }] })
  const [held, away] = [await sendAs(all, 'held.jsonl', lines(2000, { seed: 971 })), await sendAs(all, 'away.jsonl', lines(2000, { seed: 972 }))]
  const gone = await sendAs(all, 'gone.jsonl', lines(2000, { seed: 973 }))
  await all.actions.delete(gone)
  await all.actions.hold(held, 'a reason that goes on for long enough to need more than a line on any telephone that there is')
  await keyOf(all, { default: 'uploader' }, { scopes: ['read', 'upload'], expires_time: '2999-01-01T00:00:00Z' })
  const page = await on.open()
  await signIn(page, all.key!)
  await page.route(`**/file-info/${away}`, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as StoredFile), status: 'quarantined', processing_error: 'the scanner found Win.Test.EICAR_HDB-1' } })
  })
  const open = (button: string) => async () => {
    await page.getByRole('button', { name: button }).first().click()
    await page.getByRole('dialog').waitFor()
  }
  const edit = async () => {
    await open('Change…')()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Add a rule' }).click()
    await dialog.getByLabel('Days kept, rule 1').fill('')
    await dialog.getByLabel('Newest kept, rule 1').fill('1')
    await dialog.getByRole('button', { name: 'See what would go' }).click()
    await dialog.getByText('Would delete').waitFor()
  }
  const hold = async () => {
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Put on hold…' }).click()
    await page.getByRole('dialog').waitFor()
  }
  const project = async () => {
    await open('New project')()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Not a name')
    await dialog.getByRole('button', { name: 'New project' }).click()
    await dialog.getByText('cannot be the name').waitFor()
  }
  const end = async () => {
    await page.getByRole('button', { name: 'Delete the project' }).first().click()
    await page.getByRole('dialog').waitFor()
  }
  const more = async () => {
    await page.setViewportSize({ width: 390, height: 900 })
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('link', { name: 'Audit log' }).and(page.locator(':visible')).waitFor()
  }
  const make = async () => {
    await open('Create a key')()
    await page.getByText('Only some of it').click()
  }
  const looks: [string, (() => Promise<void>)?][] = [['/'], ['/keys'], ['/keys', make], ['/settings'], ['/settings', edit], ['/settings', project], ['/settings', end], ['/', more], ['/activity'], [`/files/${gone}`], ['/audit?action=delete'], ['/audit'], ['/audit?action=download&of=all'], [`/files/${held}`], [`/files/${held}?tab=history`], [`/files/${away}`], [`/files/${away}`, hold]]
  const wrong: string[] = []
  for (const [path, act] of looks) {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(on.server.url + path)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await until('all is loaded', async () => (await page.locator('[aria-busy=true]').count()) === 0)
    await act?.()
    wrong.push(...(await everyWay(page, `${path} ${act?.name ?? ''}`)))
  }
  expect([...new Set(wrong)]).toEqual([])
}, 300_000)
