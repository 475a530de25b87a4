import { expect, test } from 'vitest'
import { indent, lineOf, members } from './json'

test('JSON gets lines, and keeps its numbers, names and strings', () => {
  expect(indent('{"a":12345678901234567890,"a":[1.0,{}, [ ]],"s":"{\\"x\\": [1,2]}"}')).toBe('{\n  "a": 12345678901234567890,\n  "a": [\n    1.0,\n    {},\n    []\n  ],\n  "s": "{\\"x\\": [1,2]}"\n}')
  expect(indent('{"a":')).toBeNull()
})

test('members of objects and elements of lists, with their places', () => {
  const text = ' {"a" : "x,}" , "b":{"c":[1,2]}}'
  expect(members(text)).toEqual([{ name: 'a', value: '"x,}"', at: text.indexOf('"x') }, { name: 'b', value: '{"c":[1,2]}', at: text.indexOf('{"c') }])
  expect(members('[1, [2,3] ]')).toEqual([{ name: '0', value: '1', at: 1 }, { name: '1', value: '[2,3]', at: 4 }])
  expect(members('[]')).toEqual([])
  expect(members('"a"')).toBeNull()
})

test('a JSON pointer leads to a line', () => {
  const text = '{\n  "expressions": [\n    {"name": "a"},\n    {\n      "name": "b",\n      "expr": "x"\n    }\n  ]\n}'
  expect(lineOf(text, '/expressions/1/expr')).toBe(6)
  expect(lineOf(text, '/expressions/0')).toBe(3)
  expect(lineOf(text, '/expressions/2')).toBeNull()
})
