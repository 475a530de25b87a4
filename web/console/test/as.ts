/** Who is asked of the server in tests of roles and projects, and the pages as they see them. */
import { createClient, type Client, type KeyRequest } from '@freshet/client'
import type { Page } from 'playwright-core'
import { freshet, type Server } from './server.ts'

/** An administrator's client; the first one locks the server. */
export function admin(s: Server): Client {
  return createClient({ baseUrl: s.url, key: freshet(s, 'keys', 'create', 'platform') })
}

export async function keyOf(by: Client, roles: KeyRequest['roles'], more: Partial<KeyRequest> = {}): Promise<string> {
  return (await by.keys.create({ name: Object.entries(roles ?? {}).flat().join('-'), roles, ...more })).key
}

/** Signs a page in by a key, whoever was signed in before. */
export async function signIn(page: Page, key: string, to = '/') {
  await page.context().clearCookies()
  await page.goto(new URL(to, page.url()).href)
  await page.getByLabel('API key or token').fill(key)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor({ state: 'detached' })
}

/** Sends a file as a form, into a project. */
export async function sendAs(by: Client, name: string, data: Buffer, project = 'default'): Promise<string> {
  const form = new FormData()
  form.append('file', new Blob([data as BlobPart]), name)
  const r = await fetch(by.url('/upload-large-file', { project }), { method: 'POST', body: form, headers: { authorization: `Bearer ${by.key}` } })
  if (!r.ok) throw new Error(`${name}: ${r.status} ${await r.text()}`)
  return ((await r.json()) as { file_id: string }).file_id
}
