import type { FindingsMap } from '@freshet/client'
import { expect, test } from 'vitest'
import { axis, gathered, sentence, stretches, within, words } from './map'

const map = (unit: 'line' | 'byte', total: number, errors: number[], warnings = errors.map(() => 0)): FindingsMap => ({ file_id: 'f', unit, total, errors, warnings, counted: 0, partial: false })

test('stretches lie side by side and cover every line once', () => {
  const all = stretches(map('line', 1003, Array(120).fill(0)))
  expect(all[0]!.from).toBe(1)
  expect(all.at(-1)!.to).toBe(1003)
  all.slice(1).forEach((s, i) => expect(s.from).toBe(all[i]!.to + 1))
})

test('a file of fewer lines than places has a stretch for each line', () => {
  const all = stretches(map('line', 3, Array(120).fill(0)))
  expect(all.map((s) => [s.from, s.to])).toEqual([[1, 1], [2, 2], [3, 3]])
})

test('a stretch is told in words', () => {
  const [a, b] = stretches(map('line', 2000, [3, 0], [1, 0]))
  expect(sentence(a!)).toBe('Lines 1–1,000: 3 errors, 1 warning')
  expect(sentence(b!)).toBe('Lines 1,001–2,000: 0 errors')
  expect(words({ unit: 'line', from: 7, to: 7 })).toBe('Line 7')
  expect(words({ unit: 'byte', from: 1_000_001, to: 2_000_000 })).toBe('1.0 MB–2.0 MB')
})

test('a finding is in a range of lines by its line, of bytes by its offset from 0', () => {
  const f = { line: 5, byte_offset: 100 } as Parameters<typeof within>[0]
  expect(within(f, { unit: 'line', from: 5, to: 5 })).toBe(true)
  expect(within(f, { unit: 'line', from: 6, to: 9 })).toBe(false)
  expect(within(f, { unit: 'byte', from: 101, to: 101 })).toBe(true)
  expect(within(f, { unit: 'byte', from: 1, to: 100 })).toBe(false)
})

test('the axis ends in the last line', () => expect(axis(map('line', 12_481_930, [0]))).toEqual(['Line 1', '3.1M', '6.2M', '9.4M', '12,481,930']))

test('where most are is the narrowest place that holds two thirds', () => {
  const errors = Array(40).fill(1)
  errors[10] = 90
  errors[11] = 60
  const all = stretches(map('line', 4000, errors))
  expect(gathered(all, (s) => s.errors)).toEqual({ unit: 'line', from: 1001, to: 1200 })
})

test('what is spread out, or too little, is gathered nowhere', () => {
  expect(gathered(stretches(map('line', 4000, Array(40).fill(1))), (s) => s.errors)).toBeNull()
  expect(gathered(stretches(map('line', 4000, [2, ...Array(39).fill(0)])), (s) => s.errors)).toBeNull()
})
