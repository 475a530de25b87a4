// @vitest-environment jsdom
// The hooks and the component against a real server.
import { createClient, Events, Uploads, type Client } from '@freshet/client'
import { act, cleanup, render, renderHook, screen, waitFor, within } from '@testing-library/react'
import './jsdom.ts'
import { StrictMode, type ReactNode } from 'react'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { badLines, goodLines } from '../../client/test/data.ts'
import { startServer } from '../../test/server.mjs'
import { FreshetProvider, LargeFileUpload, useReport, useStagedFiles, useUpload } from '../src/index.ts'

let server: Awaited<ReturnType<typeof startServer>>
let client: Client
let uploads: Uploads
let events: Events
const patience = { timeout: 15_000 }

beforeAll(async () => { server = await startServer(['--cors-origin', location.origin]) })
afterAll(() => server?.stop())
beforeEach(() => {
  client = createClient({ baseUrl: server.url })
  uploads = new Uploads({ client, memory: null })
  events = new Events({ client })
})
afterEach(() => {
  cleanup()
  uploads.close()
  events.close()
})

const wrapper = ({ children }: { children: ReactNode }) => (
  <StrictMode><FreshetProvider client={client} uploads={uploads} events={events}>{children}</FreshetProvider></StrictMode>
)
const file = (content: Buffer, name: string) => new File([new Uint8Array(content)], name)

/** Sends a file by the server's form, written out: fetch is Node's here, and FormData jsdom's. */
async function upload(content: Buffer, name: string): Promise<string> {
  const body = Buffer.concat([Buffer.from(`--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`), content, Buffer.from('\r\n--b--\r\n')])
  const answer = await fetch(client.url('/upload-large-file'), { method: 'POST', body, headers: { 'Content-Type': 'multipart/form-data; boundary=b' } })
  return (await answer.json() as { file_id: string }).file_id
}

test('useUpload sends a file and shows each state', async () => {
  const { result } = renderHook(() => useUpload(), { wrapper })
  const states: string[] = []
  act(() => { result.current.add([file(goodLines(50_000), 'hook.jsonl')], { dataType: 'red_team' }) })
  const before = result.current.transfers
  expect(result.current.moving).toBe(true)
  await waitFor(() => {
    states.push(result.current.transfers[0]!.state)
    expect(result.current.transfers[0]!.error).toBeNull()
    expect(result.current.transfers[0]!.state).toBe('done')
  }, patience)
  expect(result.current.transfers).not.toBe(before)
  expect(result.current.moving).toBe(false)
  const t = result.current.transfers[0]!
  expect((await client.files.info(t.fileId!)).data_type).toBe('red_team')
  act(() => result.current.dismiss(t.id))
  await waitFor(() => expect(result.current.transfers).toEqual([]))
})

test('useStagedFiles loads, follows, pages and tells of errors', async () => {
  const { result, rerender } = renderHook(({ q }: { q: string }) => useStagedFiles({ q, limit: 2 }), { wrapper, initialProps: { q: 'paged' } })
  expect(result.current).toMatchObject({ files: [], loading: true, error: null })
  await waitFor(() => expect(result.current.loading).toBe(false), patience)
  expect(result.current).toMatchObject({ files: [], total: 0, more: null })
  for (const n of [1, 2, 3]) await upload(goodLines(1000), `paged${n}.jsonl`)
  await waitFor(() => expect(result.current).toMatchObject({ total: 3, byStatus: { fresh: 3 } }), patience) // by itself
  expect(result.current.files.map(f => f.original_name)).toEqual(['paged3.jsonl', 'paged2.jsonl'])
  act(() => result.current.more!())
  await waitFor(() => expect(result.current.files).toHaveLength(3), patience)
  expect(result.current.more).toBeNull()
  rerender({ q: 'paged1' })
  await waitFor(() => expect(result.current.files.map(f => f.original_name)).toEqual(['paged1.jsonl']), patience)

  const { result: wrong } = renderHook(() => useStagedFiles({ status: 'wet' }), { wrapper })
  await waitFor(() => expect(wrong.current.error).toMatchObject({ status: 422, code: 'unknown-status' }), patience)
  expect(wrong.current.loading).toBe(false)
})

test('useReport loads, and loads again when the file is checked again', async () => {
  const id = await upload(badLines(2000), 'report.jsonl')
  const { result } = renderHook(() => useReport(id), { wrapper })
  await waitFor(() => expect(result.current.report).toMatchObject({ verdict: 'failed', errors: 1 }), patience)
  await client.actions.process(id, { max_errors: 1 })
  await waitFor(() => expect(result.current.report).toMatchObject({ verdict: 'passed' }), patience)
  const { result: none } = renderHook(() => useReport('file_00000000000000000000000000000000'), { wrapper })
  await waitFor(() => expect(none.current).toMatchObject({ report: null, error: { status: 404 } }), patience)
})

test('the component uploads, lists, tells of errors and tries again', async () => {
  const done: string[] = []
  render(<LargeFileUpload onDone={r => done.push(r.file_id)} dataType="combined" />, { wrapper })
  const input = screen.getByLabelText(/Choose files to upload/)
  const send = (f: File) => act(async () => {
    Object.defineProperty(input, 'files', { value: [f], configurable: true })
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })
  await send(file(goodLines(3000), 'seen.jsonl'))
  const way = () => within(screen.getByRole('list', { name: 'Files on their way' }))
  await waitFor(() => expect(way().getByText('Received and checked')).toBeTruthy(), patience)
  const staged = within(screen.getByRole('region', { name: 'Staged files' }))
  await waitFor(() => expect(staged.getByText('seen.jsonl')).toBeTruthy(), patience)
  expect(done).toHaveLength(1)
  expect((await client.files.info(done[0]!)).data_type).toBe('combined')

  await send(file(badLines(3000), 'broken.jsonl'))
  await waitFor(() => expect(way().getByText('Received. The checks found 1 error')).toBeTruthy(), patience)
  const retry = await waitFor(() => staged.getByRole('button', { name: /^Retry\s+broken.jsonl$/ }), patience)
  const before = (await client.history(done[1]!)).events.length
  await act(async () => retry.click())
  await waitFor(async () => expect((await client.history(done[1]!)).events.length).toBeGreaterThan(before), patience)
  expect(done).toHaveLength(2)
})

test('the component takes a client instead of a provider', async () => {
  render(<LargeFileUpload client={client} />)
  await waitFor(() => expect(screen.getByText('seen.jsonl')).toBeTruthy(), patience)
})
