import { expect, test } from 'vitest'
import { take } from './take'

/** A stream of findings on lines 1 to n, cut into pieces wherever, that counts what is read of it. */
function stream(n: number) {
  const read = { lines: 0, canceled: false }
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(c) {
      if (read.lines === n) return c.close()
      const text = `${JSON.stringify({ line: ++read.lines, byte_offset: read.lines * 10, message: 'é' })}\n`
      const bytes = new TextEncoder().encode(text)
      c.enqueue(bytes.slice(0, 7))
      c.enqueue(bytes.slice(7))
    },
    cancel() {
      read.canceled = true
    },
  })
  return { body, read }
}

test('takes all there are, also where a piece ends within a line', async () => {
  const { findings, more } = await take(stream(5).body, 100)
  expect(findings.map((f) => f.line)).toEqual([1, 2, 3, 4, 5])
  expect(more).toBe(false)
})

test('says that there are more, and reads no further', async () => {
  const { body, read } = stream(1_000_000)
  const { findings, more } = await take(body, 10)
  expect([findings.length, more, read.canceled]).toEqual([10, true, true])
  expect(read.lines).toBeLessThan(30)
})

test('exactly as many as are wanted are not more', async () => expect(await take(stream(10).body, 10)).toMatchObject({ more: false }))

test('of a range it takes what is in it, and ends behind it', async () => {
  const { body, read } = stream(1_000_000)
  const { findings, more } = await take(body, 100, { unit: 'line', from: 3, to: 5 })
  expect([findings.map((f) => f.line), more, read.canceled]).toEqual([[3, 4, 5], false, true])
})
