import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, FreshetError, type Client } from '../src/index.ts'
import { badLines, goodLines } from './data.ts'
import { startServer } from '../../test/server.mjs'
import { settled } from './settled.ts'

let server: Awaited<ReturnType<typeof startServer>>
let client: Client

beforeAll(async () => {
  server = await startServer()
  client = createClient({ baseUrl: server.url })
})
afterAll(() => server?.stop())

async function upload(content: Buffer, name = 'data.jsonl'): Promise<string> {
  const form = new FormData()
  form.append('file', new File([new Uint8Array(content)], name))
  const { file_id } = await (await fetch(client.url('/upload-large-file'), { method: 'POST', body: form })).json() as { file_id: string }
  await settled(server.url, file_id)
  return file_id
}

async function refused(work: Promise<unknown>): Promise<FreshetError> {
  const error = await work.then(() => null, e => e)
  expect(error).toBeInstanceOf(FreshetError)
  return error as FreshetError
}

test('a good file: list, info, report, records, history, activity', async () => {
  const id = await upload(goodLines(20_000), 'good one.jsonl')
  const list = await client.files.list({ status: 'fresh,used', q: 'good', limit: 5, sort: '-upload_time' })
  expect(list.files.map(f => f.file_id)).toEqual([id])
  expect((await client.files.named(['free.jsonl', 'good one.jsonl'])).map(f => f.file_id)).toEqual([id])
  expect(list).toMatchObject({ total_count: 1, by_status: { fresh: 1 }, next_cursor: null })
  expect((await client.files.list({ offset: 1, q: 'good' })).files).toEqual([])
  expect(await client.files.info(id)).toMatchObject({ original_name: 'good one.jsonl', status: 'fresh', verdict: 'passed' })
  expect(await client.progress(id)).toMatchObject({ progress: 100, original_name: 'good one.jsonl', upload_id: null })
  expect(await client.report(id)).toMatchObject({ verdict: 'passed', findings: [] })
  const records = await client.records(id, { line: 3, limit: 2 })
  expect(records.records.map(r => r.line)).toEqual([3, 4])
  expect((await client.history(id)).events.length).toBeGreaterThan(1)
  const { events, next_before } = await client.activity({ limit: 1 })
  expect(events).toHaveLength(1)
  expect((await client.activity({ limit: 1, before: next_before! })).events[0]!.id).toBeLessThan(events[0]!.id)
  expect(await (await fetch(client.downloadUrl(id))).text()).toContain('"id":0')
  expect((await client.recordOverlap(id)).file_id).toBe(id)
  const answer = await client.open('GET', `/download-file/${id}`, { headers: { Range: 'bytes=0-6' } })
  expect(answer.status).toBe(206)
  expect(await answer.text()).toBe('{"id":0')
})

test('a bad file: findings, links, retry, other rules, deletion', async () => {
  const id = await upload(badLines(2000))
  const report = await client.report(id)
  expect(report).toMatchObject({ verdict: 'failed', errors: 1 })
  expect(report.findings[0]).toMatchObject({ rule: 'json-syntax', line: 1 })
  expect(await (await fetch(client.findingsUrl(id, { format: 'csv', rule: 'json-syntax' }))).text()).toContain('json-syntax')
  expect(await (await fetch(client.rejectedUrl(id))).text()).toBe('{"id": 0, "text": \n')
  expect(await (await fetch(client.cleanUrl(id))).text()).not.toContain('{"id": 0, "text": \n')
  expect(await client.actions.retry(id, { wait: '20s' })).toMatchObject({ status: 'error', errors_found: 1 })
  const preview = await client.preview({ file_id: id, first_bytes: 4096, validation_rules: { max_errors: 1 } })
  expect(preview.report.verdict).toBe('passed')
  expect(await client.actions.process(id, { max_errors: 1 }, { wait: '20s' })).toMatchObject({ status: 'success' })
  expect(await client.actions.markUsed(id, 'job-1')).toMatchObject({ status: 'used', training_jobs: ['job-1'] })
  expect((await client.actions.archive(id)).status).toBe('archived')
  expect((await client.actions.deprecate(id)).status).toBe('deprecated')
  await client.actions.delete(id)
  expect(await refused(client.files.info(id))).toMatchObject({ status: 404, code: 'unknown-file' })
  expect(await client.actions.cleanup({ hoursOld: 1, dryRun: true })).toMatchObject({ status: 'success', cleaned_count: 0 })
})

test('a findings map counts what the report counts', async () => {
  const id = await upload(badLines(2000))
  const map = await client.findingsMap(id, { buckets: 2 })
  expect(map).toMatchObject({ file_id: id, unit: 'line', partial: false })
  expect(map.errors.reduce((a, b) => a + b, 0)).toBe(1)
  expect(map.errors[0]).toBe(1)
})

test('lists are never null, as the types say', async () => {
  const empty = createClient({ baseUrl: server.url })
  const id = await upload(Buffer.from('[1]\n'), 'odd.jsonl')
  const answers: Record<string, unknown> = {
    file: await empty.files.info(id), none: await empty.files.list({ q: 'no such name' }), report: await empty.report(id), records: await empty.records(id), history: await empty.history(id),
    overlap: await empty.recordOverlap(id), limits: await empty.limits(), sets: await empty.request('GET', '/rule-sets'), activity: await empty.activity(), keys: await empty.request('GET', '/keys'), map: await empty.findingsMap(id),
    preview: await empty.preview({ file_id: id, first_bytes: 4096 }),
  }
  const nulls: string[] = []
  const may = /\.(last_used|s3_url|sha256|next_cursor|next_line|next_before|duplicate_records|finished|min|max|mean|top|mark|free_bytes|max_file_size|files_below|deprecated_file_hours|revoked_time|original_name|hold|created_time|expires_time)$/
  const walk = (v: unknown, path: string) => {
    if (v === null && !may.test(path)) nulls.push(path)
    if (v && typeof v === 'object') for (const [k, w] of Object.entries(v)) walk(w, `${path}.${k}`)
  }
  for (const [name, v] of Object.entries(answers)) walk(v, name)
  expect(nulls).toEqual([])
})

test('the server as a whole', async () => {
  expect(await client.limits()).toMatchObject({ max_file_size: null, stored_bytes: expect.any(Number) })
  expect((await client.health()).status).toBe('healthy')
  expect((await client.metrics()).total_uploads).toBeGreaterThan(0)
  expect((await client.rules()).find(r => r.rule === 'json-syntax')?.title).toBeTruthy()
})

test('rule sets', async () => {
  expect(await client.ruleSets.put('chat', { min_records: 10 })).toMatchObject({ name: 'chat', version: 1 })
  await client.ruleSets.put('chat', { min_records: 20 })
  expect((await client.ruleSets.list()).map(s => `${s.name}@${s.version}`)).toEqual(['chat@2'])
  expect((await client.ruleSets.get('chat@1')).rules).toMatchObject({ min_records: 10 })
  expect((await client.ruleSets.get('chat')).rules).toMatchObject({ min_records: 20 })
  await client.ruleSets.delete('chat')
  expect(await client.ruleSets.list()).toEqual([])
})

test('a refusal is told as the server put it', async () => {
  const e = await refused(client.files.list({ status: 'wet' }))
  expect(e).toMatchObject({ status: 422, code: 'unknown-status', requestId: expect.stringMatching(/.+/), problem: { status: 422 } })
  expect(e.message).toContain('wet')
})

test('no server, something else than a server, and a call that is ended', async () => {
  expect(await refused(createClient({ baseUrl: 'http://127.0.0.1:9' }).health())).toMatchObject({ status: 0, code: 'unreachable' })
  const page = createClient({ fetch: async () => new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Content-Type': 'text/html', 'Retry-After': '3' } }) })
  expect(await refused(page.health())).toMatchObject({ status: 502, code: 'not-freshet', retryAfter: 3 })
  const html = createClient({ fetch: async () => new Response('<h1>Hello</h1>') })
  expect(await refused(html.health())).toMatchObject({ status: 200, code: 'not-freshet' })
  const stop = new AbortController()
  const call = client.health(stop.signal)
  stop.abort(new Error('enough'))
  await expect(call).rejects.toThrow('enough')
})

test('keys and sessions', async () => {
  const s = await startServer()
  try {
    const open = createClient({ baseUrl: s.url })
    expect(await open.session.get()).toMatchObject({ keys_exist: false })
    const made = await open.keys.create('laptop')
    expect(await refused(open.health())).toMatchObject({ status: 401 })
    const locked = createClient({ baseUrl: `${s.url}/`, key: made.key })
    expect((await locked.keys.list()).map(k => [k.name, k.current])).toEqual([['laptop', true]])
    expect((await locked.health()).status).toBe('healthy')

    // A browser keeps the cookie; here it is carried by hand.
    let cookie = ''
    const page = createClient({ baseUrl: s.url, fetch: async (url, init) => {
      const answer = await fetch(url, { ...init, headers: { ...init?.headers as Record<string, string>, ...(cookie ? { Cookie: cookie } : {}) } })
      cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
      return answer
    } })
    expect(await refused(page.session.signIn('fsh_wrong'))).toMatchObject({ status: 401, code: 'bad-key' })
    expect(await page.session.signIn(made.key)).toMatchObject({ signed_in: true, key_name: 'laptop' })
    expect((await page.health()).status).toBe('healthy')
    await page.session.signOut()
    expect(await refused(page.health())).toMatchObject({ status: 401 })
    await locked.keys.revoke(made.id)
    expect(await refused(locked.health())).toMatchObject({ status: 401 })
  } finally {
    await s.stop()
  }
})

