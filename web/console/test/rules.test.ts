import { beforeAll, expect, it } from 'vitest'
import { choose, file, get, lines, row, send, setUp } from './console.ts'

const on = setUp()
const api = (path: string) => `${on.server.url}/data/efficient${path}`
let id = ''

interface RuleSet {
  version: number
  rules: { min_records?: number; required_fields?: string[] }
}

beforeAll(async () => {
  id = (await send(on.server, 'tried.jsonl', lines(30_000, { seed: 61 }))).file_id
  await fetch(api('/rule-sets/base'), { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"min_records":1}' })
})

it('a rule set is tried on a real file as it is typed, saved as a new version, and an older one is taken up again', async () => {
  const page = await on.open(`/rules?set=base&file=${id}`)
  await page.getByLabel('Required fields').fill('answer')
  await page.getByText('Required field missing').locator('visible=true').first().waitFor() // found before anything is saved
  expect((await get<RuleSet>(on.server, '/rule-sets/base')).version).toBe(1)
  await page.getByRole('button', { name: /^Save/ }).click()
  await expect.poll(async () => (await get<RuleSet>(on.server, '/rule-sets/base')).version).toBe(2)
  expect((await get<RuleSet>(on.server, '/rule-sets/base')).rules.required_fields).toEqual(['answer'])
})

it('a fault is shown where it is, and nothing is saved', async () => {
  const page = await on.open('/rules?set=base')
  await page.getByRole('tab', { name: 'JSON' }).click()
  await page.getByRole('textbox').last().fill('{"min_records": "many"}')
  await page.getByRole('button', { name: /^Save/ }).click()
  await page.getByText(/min_records/).first().waitFor()
  expect((await get<RuleSet>(on.server, '/rule-sets/base')).version).toBe(2)
})

it('unsaved rules are not left without a question', async () => {
  const page = await on.open('/rules?set=base')
  await page.getByLabel('Fewest records').fill('7')
  await page.getByRole('link', { name: 'Files' }).first().click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  expect(new URL(page.url()).pathname).toBe('/rules')
})

it('upload options go with what is added, and a set that was deleted can be taken out', async () => {
  await fetch(api('/rule-sets/gone'), { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"required_fields":["answer"]}' })
  const page = await on.open()
  await page.getByRole('button', { name: 'Upload options' }).click()
  const dialog = page.getByRole('dialog', { name: 'Upload options' })
  await dialog.getByRole('combobox', { name: 'Data type' }).fill('red_team')
  await dialog.getByRole('combobox', { name: 'Rule set' }).selectOption('gone')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await choose(page, file('with-options.jsonl', lines(3000, { seed: 62 })))
  await row(page, 'with-options.jsonl').getByText('Failed checks').waitFor()
  const { files } = await get<{ files: { data_type: string }[] }>(on.server, '/staged-files?q=with-options')
  expect(files[0]!.data_type).toBe('red_team')
  await fetch(api('/rule-sets/gone'), { method: 'DELETE' })
  await page.reload()
  await page.getByRole('button', { name: 'Upload options' }).click()
  await dialog.getByRole('combobox', { name: 'Rule set' }).selectOption('')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await choose(page, file('without-options.jsonl', lines(3000, { seed: 63 })))
  await row(page, 'without-options.jsonl').getByText('all checks passed').waitFor()
})

it('activity tells of what happens while it is looked at', async () => {
  const page = await on.open('/activity')
  await page.getByText('tried.jsonl').first().waitFor()
  await send(on.server, 'while-looking.jsonl', lines(3000, { seed: 64 }))
  await page.getByRole('button', { name: /^Show \d+ new steps?$/ }).click()
  await page.getByText('while-looking.jsonl').first().waitFor()
  await expect.poll(() => page.getByRole('button', { name: /^Show/ }).count()).toBe(0)
})
