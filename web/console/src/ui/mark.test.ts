import { expect, test } from 'vitest'
import { split } from './mark'

test('the marked span is cut out, in UTF-16 units', () => {
  expect(split('a😀"b"c', [3, 6])).toEqual({ before: 'a😀', marked: '"b"', after: 'c', here: true })
  expect(split('abc', [3, 3])).toEqual({ before: 'abc', marked: '', after: '', here: true })
})

test('without a place, or with one outside, nothing is marked and nothing is lost', () => {
  for (const mark of [null, undefined, [2, 9], [3, 1], [-1, 2]] as const) expect(split('abc', mark)).toEqual({ before: 'abc', marked: '', after: '', here: false })
})
