import { expect, test } from 'vitest'
import { serverEvents } from '../src/sse.ts'

async function read(...pieces: string[]) {
  const bytes = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({ start(c) {
    for (const p of pieces) c.enqueue(bytes.encode(p))
    c.close()
  } })
  const all = []
  for await (const e of serverEvents(body)) all.push(e)
  return all
}

test('reads events however the bytes are cut', async () => {
  const text = ': comment\nid: 7\nevent: file\ndata: {"a":"é"}\n\ndata:x\ndata: y\r\n\r\nevent: empty\n\nevent: late\ndata: lost'
  const want = [{ id: '7', type: 'file', data: '{"a":"é"}' }, { id: '7', type: 'message', data: 'x\ny' }]
  expect(await read(text)).toEqual(want)
  expect(await read(...text)).toEqual(want)
})
