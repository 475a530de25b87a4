import { expect, test } from 'vitest'
import { formatBytes, formatSeconds, formatShare } from '../src/format.ts'

test.each([[0, '0 bytes'], [999, '999 bytes'], [1000, '1.0 KB'], [12_340_000, '12 MB'], [999_600_000, '1.0 GB'], [3.2e12, '3.2 TB']])('%d bytes', (n, text) => {
  expect(formatBytes(n)).toBe(text)
})
test.each([[0.2, '1 s'], [59, '59 s'], [90, '2 min'], [7500, '2 h 5 min']])('%d seconds', (n, text) => {
  expect(formatSeconds(n)).toBe(text)
})
test('100% is told for all only', () => {
  expect([formatShare(999_999, 1_000_000), formatShare(1, 1), formatShare(0, 0)]).toEqual(['99%', '100%', '0%'])
})
