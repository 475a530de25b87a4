import { createClient, FreshetError, type Client } from '@freshet/client'
import { beforeAll, expect, it } from 'vitest'
import { roles, table, type Right } from '../src/state/rights.ts'
import { home, may, shown } from '../src/state/rights.ts'
import { admin, keyOf, sendAs, signIn } from './as.ts'
import { lines, setUp } from './console.ts'

const on = setUp()
let all: Client
let good: string
let bad: string

beforeAll(async () => {
  all = admin(on.server)
  good = await sendAs(all, 'good.jsonl', lines(2000, { seed: 901 }))
  bad = await sendAs(all, 'bad.jsonl', lines(2000, { seed: 902, broken: [3] }))
  await all.ruleSets.put('chat', { min_records: 1 })
  await all.projects.put('vision', {})
})

const nothing = 'file_00000000000000000000000000000000'

/** A request that takes each right, and changes nothing. */
const probes: Record<Right, [string, string]> = {
  read: ['GET', '/staged-files'],
  download: ['GET', `/records/${nothing}`],
  upload: ['POST', '/uploads'],
  use: ['POST', `/mark-used/${nothing}`],
  curate: ['POST', `/promote-file/${nothing}`],
  rules: ['DELETE', '/rule-sets/none'],
  admin: ['GET', '/keys'],
}

async function refused(client: Client, right: Right): Promise<boolean> {
  const [method, path] = probes[right]
  try {
    await client.request(method, path, method === 'POST' ? { body: {} } : {})
    return false
  } catch (error) {
    return (error as FreshetError).status === 403
  }
}

it('the table of rights is the server’s, and so is what scopes take away', async () => {
  const wrong: string[] = []
  const rights = Object.keys(probes) as Right[]
  for (const role of roles) {
    for (const scopes of [[], ['read', 'curate', 'admin']] as Right[][]) {
      for (const grants of [{ default: role }, { '*': role }] as Record<string, string>[]) {
        const client = createClient({ baseUrl: on.server.url, key: await keyOf(all, grants, { scopes }) })
        for (const right of rights) {
          const mine = may({ roles: grants, scopes }, 'default', right)
          if ((await refused(client, right)) === mine) wrong.push(`${JSON.stringify(grants)} ${scopes.join()} ${right}: here ${mine}`)
        }
      }
    }
    expect(table[role].length).toBeGreaterThan(1)
  }
  expect(wrong).toEqual([])
})

it('the project of who names none is the server’s, too', async () => {
  for (const grants of [{ vision: 'viewer' }, { '*': 'viewer' }, { default: 'viewer', vision: 'viewer' }] as Record<string, string>[]) {
    const { project } = await createClient({ baseUrl: on.server.url, key: await keyOf(all, grants) }).limits()
    expect([project.name, shown({ roles: grants, scopes: [] }, '')]).toEqual([home({ roles: grants, scopes: [] }), ''])
  }
})

/** All that is offered on a page and in its menus: buttons, links to files, items. */
async function offered(role: string, scopes: Right[] = [], where = 'default') {
  const page = await on.open()
  await signIn(page, await keyOf(all, { [where]: role }, { scopes }))
  await page.getByRole('link', { name: 'good.jsonl' }).waitFor()
  const seen: string[] = []
  const look = async () => {
    seen.push(...(await page.locator('#main button, #main a.btn, aside nav a').allInnerTexts()), ...(await page.locator('#main button[aria-label]').evaluateAll((b) => b.map((x) => x.getAttribute('aria-label')!))))
  }
  const menu = async (name: string) => {
    const button = page.getByRole('button', { name })
    if (!(await button.count())) return
    await button.click()
    await page.getByRole('menu').waitFor()
    seen.push(...(await page.getByRole('menuitem').allInnerTexts()))
    await page.keyboard.press('Escape')
  }
  await look()
  await menu('Actions for good.jsonl')
  for (const id of [good, bad]) {
    await page.goto(`${on.server.url}/files/${id}`)
    await page.getByRole('tab', { name: 'Checks' }).waitFor()
    seen.push(...(await page.getByRole('tab').allInnerTexts()))
    await look()
    await menu('More actions')
  }
  await page.goto(`${on.server.url}/rules?set=chat`)
  await page.locator('#editor').waitFor()
  await look()
  for (const path of ['/keys', '/audit', '/settings']) {
    await page.goto(on.server.url + path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
    await look()
  }
  await page.close()
  return new Set(seen.map((s) => s.split('\n')[0]!.trim()).filter(Boolean))
}

// what is offered by the first role that may do it
const offers: [string, string[]][] = [
  ['viewer', ['Download', 'Records', 'Download the clean records']],
  ['uploader', ['Upload files', 'Upload a folder', 'Upload options', 'Mark as used…']],
  ['curator', ['Check again', 'Promote', 'Promote to fresh', 'Archive…', 'Deprecate…', 'Delete…', 'New rule set', 'Save as version 2']],
  ['admin', ['Put on hold…', 'API keys', 'Audit log', 'Create a key', 'Change…', 'Export as NDJSON']],
]

it('nobody is offered what their role does not allow, and whoever may is', async () => {
  for (const [i, [role]] of offers.entries()) {
    const seen = await offered(role)
    for (const [j, [of, what]] of offers.entries()) for (const one of what) expect(`${role}, of ${of}, ${one}: ${seen.has(one)}`).toBe(`${role}, of ${of}, ${one}: ${j <= i}`)
  }
  const reader = await offered('admin', ['read'])
  for (const [, what] of offers) for (const one of what) expect(`${one}: ${reader.has(one)}`).toBe(`${one}: false`)
  // projects are made and ended by who administers all of them
  for (const [seen, may] of [[await offered('admin'), false], [await offered('curator', [], '*'), false], [await offered('admin', ['read', 'curate'], '*'), false], [await offered('admin', [], '*'), true]] as const)
    for (const one of ['New project', 'Delete the project vision']) expect(`${one}: ${seen.has(one)}`).toBe(`${one}: ${may}`)
}, 180_000)
