import { expect, test } from 'vitest'
import { chat, fieldsOf, row } from './parse'

test('a CSV record falls apart at its delimiters, not at those in quotes', () => {
  expect(fieldsOf('5,"a ""q"", b",,x', ',')).toEqual(['5', 'a "q", b', '', 'x'])
  expect(fieldsOf('"two\nlines";1', ';')).toEqual(['two\nlines', '1'])
})

test('fields without a name, and names without a field, are shown', () => {
  expect(row('1,2,3', ['a', 'b'], ',').map((v) => v.name)).toEqual(['a', 'b', ''])
  expect(row('1', ['a', 'b'], ',')).toEqual([{ name: 'a', value: '1' }, { name: 'b', value: '' }])
})

test('messages with roles are a chat; what else they hold stays as it is written', () => {
  expect(chat('[{"role":"user","content":"Hi\\n\\"you\\""},{"role":"assistant","weight":12345678901234567890,"content":null}]')).toEqual([
    { role: 'user', content: 'Hi\n"you"', rest: null },
    { role: 'assistant', content: '', rest: '{"weight":12345678901234567890,"content":null}' },
  ])
  expect(chat('[{"name":"x"}]')).toBeNull()
  expect(chat('["role"]')).toBeNull()
  expect(chat('{"role":"user"}')).toBeNull()
})
