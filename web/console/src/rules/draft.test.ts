import { FreshetError } from '@freshet/client'
import { expect, test } from 'vitest'
import { at, faultLine, faultOf, parse, put, write } from './draft'

test('only an object is rules', () => {
  expect(parse('{"schema": "none"}')).toEqual({ rules: { schema: 'none' } })
  expect(parse('  ')).toEqual({ rules: {} })
  expect(parse('[1]').why).toBe('')
  expect(parse('{').why).toBeTruthy()
})

test('a key is set in its place, and goes with its value', () => {
  const rules = { a: 1, b: 2, c: 3 }
  expect(Object.keys(put(rules, 'b', 5))).toEqual(['a', 'b', 'c'])
  for (const none of [undefined, '', [], {}]) expect(put(rules, 'b', none)).toEqual({ a: 1, c: 3 })
  expect(put(rules, 'b', false)).toEqual({ a: 1, b: false, c: 3 })
  expect(put(rules, 'b', 0)).toEqual({ a: 1, b: 0, c: 3 })
})

const refused = (detail: string, status = 422) => new FreshetError(detail, { status, code: 'invalid-rules' })

test('the path of what is refused is read from the sentence', () => {
  expect(faultOf(refused('validation rule /expressions/0/expr: line 1: missing )'))).toEqual({ path: '/expressions/0/expr', text: 'line 1: missing )' })
  expect(faultOf(refused('there is no rule set "x"'))).toEqual({ path: '', text: 'there is no rule set "x"' })
  expect(faultOf(refused('gone', 404))).toBeNull()
})

test('a fault is told at its key, and on its line or the nearest around it', () => {
  const fault = { path: '/expressions/0/expr', text: 'missing )' }
  expect(at(fault, '/expressions')).toBe('missing )')
  expect(at(fault, '/expressions/0/expr')).toBe('missing )')
  expect(at(fault, '/expressions/0/name')).toBeUndefined()
  expect(at(fault, '/expr')).toBeUndefined()
  const text = write({ schema: 'none', expressions: [{ name: 'a', expr: '(' }] })
  expect(faultLine(text, fault)).toBe(6)
  expect(faultLine(text, { path: '/expressions/0/message', text: '' })).toBe(4)
})
