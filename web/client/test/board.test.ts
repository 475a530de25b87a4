import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Board } from '../src/board.ts'
import { Entry } from '../src/entry.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

const entry = () => new Entry({ name: 'f', path: 'f', size: 1, options: {} })

test('many changes are told once a frame, and the list has them at once', () => {
  const board = new Board(() => {})
  const entries = Array.from({ length: 700 }, entry)
  board.add(entries)
  vi.advanceTimersByTime(100)
  let told = 0
  board.subscribe(() => { told++ })
  for (const e of entries) board.show(e, 'sending')
  expect(told).toBe(1)
  expect(board.list.every(t => t.state === 'sending')).toBe(true)
  for (const e of entries) board.show(e, 'done')
  vi.advanceTimersByTime(100)
  expect(told).toBe(2)
  expect(board.list.every(t => t.state === 'done')).toBe(true)
  board.show(entries[0]!, 'canceled') // after a quiet frame: at once
  expect(told).toBe(3)
  vi.advanceTimersByTime(100)
  expect(told).toBe(3)
})

test('a list stays the same object until something changes', () => {
  const board = new Board(() => {})
  const e = entry()
  board.add([e])
  const { list } = board
  expect(board.list).toBe(list)
  board.show(e, 'paused')
  expect(board.list).not.toBe(list)
  expect(list[0]!.state).toBe('waiting')
})

test('any number of files is added at once', () => {
  const board = new Board(() => {})
  board.add(new Array<Entry>(500_000).fill(entry()))
  expect(board.list).toHaveLength(500_000)
})

test('a board that is closed tells nobody', () => {
  const board = new Board(() => {})
  let told = 0
  board.subscribe(() => { told++ })
  board.add([entry()])
  board.add([entry()])
  board.close()
  vi.advanceTimersByTime(100)
  expect(told).toBe(1)
})
