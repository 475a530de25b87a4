import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { putPart } from '../src/part.ts'

/** A request that does what the test says. */
class Silent extends EventTarget {
  static last: Silent
  readonly upload = new EventTarget()
  aborted = false
  status = 200
  responseText = '{"part":1}'
  constructor() {
    super()
    Silent.last = this
  }
  open() {}
  setRequestHeader() {}
  getResponseHeader() { return null }
  send() {}
  abort() { this.aborted = true }
  moves(loaded: number) { this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded })) }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('XMLHttpRequest', Silent)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const part = (signal = new AbortController().signal, gone: (n: number) => void = () => {}) =>
  putPart({ url: '/x', key: undefined, body: new Blob(['0123456789']), crc32: '', stall: 60_000, signal, gone }).catch((e: unknown) => e)

test('a part on which nothing moves for a minute is given up', async () => {
  const work = part()
  await vi.advanceTimersByTimeAsync(59_000)
  expect(Silent.last.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1000)
  expect(await work).toMatchObject({ status: 0, code: 'stalled' })
  expect(Silent.last.aborted).toBe(true)
})

test('however slow, a part that moves is not', async () => {
  const seen: number[] = []
  const work = part(undefined, n => seen.push(n))
  for (const n of [1, 2, 3, 99]) {
    await vi.advanceTimersByTimeAsync(55_000)
    Silent.last.moves(n)
  }
  expect(Silent.last.aborted).toBe(false)
  expect(seen).toEqual([1, 2, 3, 10]) // never more than there is
  Silent.last.dispatchEvent(new Event('load'))
  expect(await work).toEqual({ part: 1 })
  await vi.advanceTimersByTimeAsync(120_000)
  expect(Silent.last.aborted).toBe(false)
})

test('an abort ends it with its reason', async () => {
  const stop = new AbortController()
  const work = part(stop.signal)
  stop.abort(new Error('paused'))
  expect(await work).toMatchObject({ message: 'paused' })
  expect(Silent.last.aborted).toBe(true)
})
