// @vitest-environment jsdom
// What <LargeFileUpload/> shows and says, against a real server.
import { createClient, Events, Uploads, type Client } from '@freshet/client'
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import './jsdom.ts'
import { StrictMode } from 'react'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { badLines, goodLines } from '../../client/test/data.ts'
import { promised } from '../../client/test/wait.ts'
import { startServer } from '../../test/server.mjs'
import { FreshetProvider, LargeFileUpload } from '../src/index.ts'

let server: Awaited<ReturnType<typeof startServer>>
let client: Client
let uploads: Uploads
let events: Events
let signedOut: boolean
let gate: Promise<void>
const patience = { timeout: 15_000 }

beforeAll(async () => { server = await startServer(['--cors-origin', location.origin]) })
afterAll(() => server?.stop())
beforeEach(() => {
  signedOut = false
  gate = Promise.resolve()
  client = createClient({ baseUrl: server.url, fetch: async (url, init) => {
    if (init?.method === 'POST') await gate
    return signedOut && init?.method === 'POST' ? new Response('', { status: 401 }) : fetch(url, init)
  } })
  uploads = new Uploads({ client, memory: null })
  events = new Events({ client })
  render(<StrictMode><FreshetProvider client={client} uploads={uploads} events={events}><LargeFileUpload /></FreshetProvider></StrictMode>)
})
afterEach(() => {
  cleanup()
  uploads.close()
  events.close()
})

const file = (content: Buffer, name: string) => new File([new Uint8Array(content)], name)
const add = (...files: File[]) => act(async () => { uploads.add(files) })
const row = () => within(screen.getByRole('list', { name: 'Files on their way' }))

test('what came of each file is said once, and only what is new', async () => {
  const status = screen.getByRole('status')
  const said: string[] = []
  const watch = new MutationObserver(changes => {
    for (const { addedNodes, type, target } of changes) {
      if (type === 'characterData') said.push(target.textContent!)
      for (const node of addedNodes) said.push(node.textContent!)
    }
  })
  watch.observe(status, { childList: true, subtree: true, characterData: true })
  const settled = (name: string, text: RegExp) => waitFor(() => expect(row().getByText(name, { selector: '.freshet-name' }).parentElement!.textContent).toMatch(text), patience)
  await add(file(goodLines(3000), 'one.jsonl'))
  await settled('one.jsonl', /Received and checked/)
  await add(file(badLines(3000), 'two.jsonl'))
  await settled('two.jsonl', /found 1 error/)
  await add(file(Buffer.alloc(0), 'three.jsonl'))
  await settled('three.jsonl', /Not sent/)
  const go = promised()
  gate = go.promise
  await act(async () => uploads.retry(uploads.transfers[2]!.id))
  await settled('three.jsonl', /Sending/)
  go.resolve()
  await waitFor(() => expect(said.filter(s => s.startsWith('three'))).toHaveLength(2), patience) // it failed twice
  watch.disconnect()
  expect(said.filter(s => s.startsWith('one'))).toEqual([expect.stringContaining('one.jsonl: Received')])
  const two = said.filter(s => s.startsWith('two'))
  expect(new Set(two).size).toBe(two.length)
  expect(two.at(-1)).toBe('two.jsonl: Received. The checks found 1 error')
  expect(said.filter(s => /one.*two|two.*three/.test(s))).toEqual([])
})

test('a file that cannot be read any more is chosen again', async () => {
  const gone = file(goodLines(3000), 'gone.jsonl')
  gone.slice = () => { throw new DOMException('it changed', 'NotReadableError') }
  await add(gone)
  const input = await waitFor(() => row().getByLabelText('Choose gone.jsonl again'), patience)
  expect(row().queryByRole('button', { name: /Try again/ })).toBeNull()
  fireEvent.change(input, { target: { files: [file(goodLines(4000), 'gone.jsonl')] } })
  await waitFor(() => expect(row().getByText('Received and checked')).toBeTruthy(), patience)
})

test('one that waits for a session says so, and is tried by hand', async () => {
  signedOut = true
  await add(file(goodLines(3000), 'waits.jsonl'))
  await waitFor(() => expect(row().getByText('Waiting for you to sign in')).toBeTruthy(), patience)
  expect(row().getByText('You are signed out. Sign in; it goes on from where it stands.')).toBeTruthy()
  signedOut = false
  fireEvent.click(row().getByRole('button', { name: /^Try now/ }))
  await waitFor(() => expect(row().getByText('Received and checked')).toBeTruthy(), patience)
})

test('of a drop what cannot be read is named, and the rest is sent', async () => {
  const item = (name: string, f: File | null) => ({ kind: 'file', getAsFile: () => f, webkitGetAsEntry: () => ({ isDirectory: false, fullPath: `/${name}` }) })
  const target = screen.getByText(/Choose files to upload/).closest('.freshet-drop')!
  fireEvent.drop(target, { dataTransfer: { items: [item('locked.jsonl', null), item('fine.jsonl', file(goodLines(3000), 'fine.jsonl'))] } })
  await waitFor(() => expect(screen.getByRole('alert').textContent).toBe('The browser cannot read locked.jsonl'), patience)
  await waitFor(() => expect(row().getByText('fine.jsonl', { selector: '.freshet-name' }).parentElement!.textContent).toMatch(/Received and checked/), patience)
})
