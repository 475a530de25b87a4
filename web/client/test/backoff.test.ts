import { expect, test } from 'vitest'
import { backoff, passes } from '../src/backoff.ts'
import { waitOf } from '../src/http.ts'

test('waits double up to a limit, with chance that only shortens', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 50].map(n => backoff(n, null, () => 0))
  expect(longest).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  expect(backoff(3, null, () => 1)).toBe(2000)
  const many = Array.from({ length: 200 }, () => backoff(4, null))
  expect(new Set(many).size).toBeGreaterThan(100)
  expect(Math.min(...many)).toBeGreaterThanOrEqual(4000)
  expect(Math.max(...many)).toBeLessThanOrEqual(8000)
})

test('what the server asks for is the least', () => {
  expect(backoff(1, 7, () => 0)).toBe(7000)
  expect(backoff(6, 7, () => 0)).toBe(30_000)
})

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(waitOf('5', now)).toBe(5)
  expect(waitOf('Thu, 01 Jan 2026 00:00:09 GMT', now)).toBe(9)
  expect(waitOf('Thu, 01 Jan 2020 00:00:00 GMT', now)).toBe(0)
  expect(waitOf('soon', now)).toBeNull()
  expect(waitOf(null, now)).toBeNull()
})

test.each([
  [0, 'unreachable', true], [0, 'stalled', true], [429, 'busy', true], [500, 'internal', true], [502, 'not-freshet', true], [503, 'busy', true], [522, 'not-freshet', true], [599, 'not-freshet', true], [422, 'checksum-mismatch', true],
  [409, 'part-differs', false], [404, 'unknown-upload', false], [410, 'upload-expired', false], [422, 'checks-failed', false], [401, 'no-key', false], [413, 'file-too-large', false],
  [501, 'not-freshet', false], [505, 'not-freshet', false], [507, 'no-space', false], [0, 'file-unreadable', false],
])('status %d %s is tried again: %s', (status, code, again) => {
  expect(passes({ status, code })).toBe(again)
})
