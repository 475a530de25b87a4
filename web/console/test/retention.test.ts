import { createClient, type Client } from '@freshet/client'
import { beforeAll, expect, it } from 'vitest'
import { admin, keyOf, sendAs, signIn } from './as.ts'
import { lines, setUp } from './console.ts'

const on = setUp()
let all: Client
const ids: string[] = []

beforeAll(async () => {
  all = admin(on.server)
  await all.projects.put('vision', { max_files: 10, max_bytes: 4_000_000_000 })
  for (let i = 0; i < 6; i++) ids.push(await sendAs(all, `file-${i}.jsonl`, lines(2000 + 100 * i, { seed: 940 + i, broken: i > 3 ? [2] : [] }), 'vision'))
  await all.actions.hold(ids[0]!, 'a lawsuit')
})

it('other rules than those that are saved can be tried', async () => {
  const vision = createClient({ baseUrl: on.server.url, key: all.key!, project: 'vision' })
  const tried = await vision.actions.applyRetention({ dryRun: true, rules: [{ status: 'fresh', keep_last: 1 }] })
  expect(tried.files.map((f) => f.file_id).sort()).toEqual(ids.slice(1, 3).sort()) // the first is on hold
  expect((await vision.actions.applyRetention({ dryRun: true })).deleted_count).toBe(0)
  await all.projects.put('vision', { max_files: 10, max_bytes: 4_000_000_000, content_policy: { secret: 'refuse' } })
})

it('settings show limits and what of them is used; new rules are tried before they are saved', async () => {
  const page = await on.open()
  await signIn(page, all.key!)
  await page.getByLabel('Project').first().selectOption('vision')
  await page.goto(`${on.server.url}/settings`)
  await page.getByText('6 of 10').waitFor()
  await page.getByText(/ of 4\.0 GB/).waitFor()
  await page.getByText('No rules: files stay').waitFor()
  await page.getByText('Refuse', { exact: true }).waitFor() // a project's policy stays though its rules are set
  await page.getByRole('button', { name: 'Change…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Gigabytes').fill('2.5')
  await dialog.getByRole('button', { name: 'Save' }).waitFor() // limits delete nothing
  await dialog.getByRole('button', { name: 'Add a rule' }).click()
  await dialog.getByLabel('Status, rule 1').selectOption('Fresh')
  await dialog.getByLabel('Days kept, rule 1').fill('')
  await dialog.getByRole('button', { name: 'See what would go' }).click()
  await dialog.getByText('Rule 1 would delete everything.').waitFor()
  await dialog.getByLabel('Newest kept, rule 1').fill('1')
  await dialog.getByRole('button', { name: 'See what would go' }).click()
  await dialog.getByText(/^Would delete 2 files, 4\.\d KB/).waitFor()
  await dialog.getByText('file-1.jsonl').waitFor()
  expect((await all.projects.get('vision')).retention ?? []).toEqual([]) // nothing is saved yet
  // another change has to be tried anew
  await dialog.getByLabel('Newest kept, rule 1').fill('2')
  await dialog.getByRole('button', { name: 'See what would go' }).click()
  await dialog.getByRole('button', { name: 'Save, and delete 1 file' }).click()
  await page.getByText('Fresh: deleted unless it is among the newest 2.').waitFor()
  expect(await all.projects.get('vision')).toMatchObject({ max_files: 10, max_bytes: 2_500_000_000, content_policy: { secret: 'refuse' }, retention: [{ status: 'fresh', keep_last: 2 }] })
})

it('who administers one project sets its rules, not its limits', async () => {
  const page = await on.open()
  await signIn(page, await keyOf(all, { vision: 'admin' }), '/settings')
  await page.getByRole('button', { name: 'Change…' }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByLabel('Gigabytes').count()).toBe(0)
  await dialog.getByLabel('Days kept, rule 1').fill('30')
  await dialog.getByRole('button', { name: 'See what would go' }).click()
  await dialog.getByText('Would delete nothing now.').waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Fresh: deleted 30 days after the last change unless among the newest 2.').waitFor()
})
