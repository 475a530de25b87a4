import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createClient, Uploads, type Client, type Transfer } from '../src/index.ts'
import { goodLines } from './data.ts'
import { startServer } from '../../test/server.mjs'
import { settled } from './settled.ts'
import { until } from './wait.ts'
import { NodeXHR } from './xhr.ts'

let server: Awaited<ReturnType<typeof startServer>>
let admin: Client
let key: string

beforeAll(async () => {
  server = await startServer(['--part-size', '1MiB'])
  key = (await createClient({ baseUrl: server.url }).keys.create('platform')).key
  admin = createClient({ baseUrl: server.url, key })
  await admin.projects.put('vision', { max_files: 7 })
  await admin.projects.put('text', {})
})
afterAll(() => server?.stop())
beforeEach(() => { NodeXHR.gate = async () => {} })

const as = (key: string, project?: string | (() => string | undefined)) => createClient({ baseUrl: server.url, key, ...(project === undefined ? {} : { project }) })

async function upload(content: Buffer, project: string): Promise<string> {
  const form = new FormData()
  form.append('file', new File([new Uint8Array(content)], 'f.jsonl'))
  const answer = await fetch(admin.url('/upload-large-file', { project }), { method: 'POST', body: form, headers: { Authorization: `Bearer ${key}` } })
  const { file_id } = await answer.json() as { file_id: string }
  await settled(server.url, file_id, { key, project })
  return file_id
}

test('a client asks in its project, whichever that is at the moment', async () => {
  let now: string | undefined = 'vision'
  const page = as(key, () => now)
  await page.ruleSets.put('only-here', {})
  expect((await page.limits()).project).toMatchObject({ name: 'vision', max_files: 7, files: 0 })
  expect(page.auditUrl({ action: 'delete' })).toBe(`${server.url}/data/efficient/audit-log?action=delete&project=vision&format=ndjson`)
  now = 'text'
  expect(page.project).toBe('text')
  expect(await page.ruleSets.list()).toEqual([])
  now = undefined
  expect((await page.limits()).project.name).toBe('default')
})

test('which projects there are is told though the one that was said is gone', async () => {
  const { key: narrow } = await admin.keys.create({ name: 'narrow', roles: { vision: 'uploader' }, scopes: ['read'], expires_time: '2999-01-01T00:00:00Z' })
  const page = as(narrow, 'gone')
  await expect(page.files.list()).rejects.toMatchObject({ status: 404, code: 'unknown-project' })
  expect((await page.projects.list()).map(p => [p.name, p.role])).toEqual([['vision', 'uploader']])
  expect((await as(narrow).limits()).project.name).toBe('vision') // its only one
  await expect(as(narrow).actions.applyRetention({ dryRun: true })).rejects.toMatchObject({ status: 403, code: 'not-allowed' })
  expect((await admin.keys.list()).find(k => k.name === 'narrow')).toMatchObject({ roles: { vision: 'uploader' }, scopes: ['read'], expires_time: '2999-01-01T00:00:00Z', created_by: expect.stringMatching(/^key:/) })
  expect(await as(narrow).session.get()).toMatchObject({ roles: { vision: 'uploader' }, scopes: ['read'] })
})

test('an upload goes to the project that it was added in, though the page looks at another by then', async () => {
  vi.stubGlobal('XMLHttpRequest', NodeXHR)
  let now = 'vision'
  const uploads = new Uploads({ client: as(key, () => now), atOnce: 1 })
  try {
    const file = (n: number) => new File([new Uint8Array(goodLines(n))], `${n}.jsonl`)
    const [first, waits] = uploads.add([file(3 << 20), file(2000)]) as [Transfer, Transfer]
    expect(waits.project).toBe('vision')
    now = 'text' // before the second is begun
    const [own] = uploads.add([file(3000)]) as [Transfer]
    const ids = []
    for (const { id } of [first, waits, own]) ids.push((await until(uploads, id, t => t.state === 'done')).fileId!)
    expect((await Promise.all(ids.map(id => admin.files.info(id)))).map(f => f.project)).toEqual(['vision', 'vision', 'text'])
  } finally {
    uploads.close()
    vi.unstubAllGlobals()
  }
})

test('holds and retention', async () => {
  const text = as(key, 'text')
  const [kept, goes] = [await upload(goodLines(5000), 'text'), await upload(goodLines(6000), 'text')]
  expect(await text.actions.hold(kept, 'a lawsuit')).toMatchObject({ hold: 'a lawsuit', project: 'text' })
  await expect(text.actions.delete(kept)).rejects.toMatchObject({ status: 409, code: 'on-hold' })
  await upload(goodLines(7000), 'text') // the newest stays
  await admin.projects.put('text', { retention: [{ status: 'fresh', keep_last: 1 }] })
  const would = await text.actions.applyRetention({ dryRun: true })
  expect(would).toMatchObject({ truncated: false, bytes_freed: expect.any(Number) })
  expect(would.files.map(f => f.file_id)).toContain(goes)
  expect(would.files.map(f => f.file_id)).not.toContain(kept)
  expect((await text.files.info(goes)).status).toBe('fresh')
  expect((await text.actions.applyRetention()).deleted_count).toBe(would.deleted_count)
  await expect(text.files.info(goes)).rejects.toMatchObject({ status: 404 })
  expect((await text.actions.release(kept)).hold).toBeNull()
  await text.actions.delete(kept)
  await expect(admin.projects.delete('text')).rejects.toMatchObject({ status: 409 })
  await admin.projects.create('empty')
  await admin.projects.delete('empty')
  expect((await admin.projects.list()).map(p => p.name)).toEqual(['default', 'text', 'vision'])
})

test('a project is made once: what is there already stays as it is', async () => {
  expect(await admin.projects.create('sound', { max_files: 3 })).toMatchObject({ name: 'sound', max_files: 3, files: 0 })
  await expect(admin.projects.create('sound')).rejects.toMatchObject({ status: 412, code: 'project-exists', hint: 'choose another name' })
  expect((await admin.projects.get('sound')).max_files).toBe(3)
  await admin.projects.delete('sound')
  await expect(admin.projects.create('sound')).rejects.toMatchObject({ status: 409, code: 'project-ended' })
})

test('a certificate of deletion, of what is deleted and of nothing else', async () => {
  const id = await upload(goodLines(8000), 'vision')
  await expect(admin.deletionCertificate(id)).rejects.toMatchObject({ status: 409, code: 'not-deleted' })
  await admin.actions.delete(id)
  const certificate = await admin.deletionCertificate(id)
  expect(certificate).toMatchObject({ file_id: id, project: 'vision', deleted_by: expect.stringMatching(/^key:/), audit_row: { action: 'delete', object: id, hash: expect.stringMatching(/^[0-9a-f]{64}$/) } })
  expect(certificate.certificate).toContain(`file: ${id}\n`)
  expect(Date.parse(certificate.erased_time)).toBeGreaterThanOrEqual(Date.parse(certificate.deleted_time))
  const saved = await fetch(admin.certificateUrl(id), { headers: { Authorization: `Bearer ${key}` } })
  expect(await saved.json()).toMatchObject({ file_id: id, certificate: certificate.certificate })
  const { key: elsewhere } = await admin.keys.create({ name: 'text', roles: { text: 'viewer' } })
  await expect(as(elsewhere).deletionCertificate(id)).rejects.toMatchObject({ status: 404 })
})
