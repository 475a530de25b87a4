import type { Field, Finding, Report } from '@freshet/client'
import { expect, test } from 'vitest'
import { failedOn, fieldOf, summary } from './summary'

const field = (f: Partial<Field>) => ({ path: 'a', present: 100, null: 0, empty: 0, types: { string: 100 }, distinct: 0, min: null, max: null, mean: null, length: null, top: null, ...f }) as unknown as Field
const report = (r: Partial<Report>) => ({ format: 'jsonl', records: 100, by_rule: [], ...r }) as Report
const of = (f: Field, r = report({}), others: Field[] = []) => summary(f, r, new Map([f, ...others].map((x) => [x.path, x])))

test('nulls, empty and missing values count as empty, of the records that could be read', () => {
  const r = report({ records: 110, by_rule: [{ rule: 'json-syntax', severity: 'error', count: 10 }] })
  const s = of(field({ present: 90, null: 5, empty: 5 }), r)
  expect(s.empty).toBe('20.0% empty')
  expect(s.oftenEmpty).toBe(true)
  expect(s.stats).toContainEqual(['Missing', '10'])
  expect(of(field({}), r).empty).toBe('never empty')
})

test('a field inside an object may be missing only where there is the object', () => {
  const parent = field({ path: 'm[]', present: 50, types: { object: 50 } })
  expect(of(field({ path: 'm[].role', present: 50 }), report({}), [parent]).empty).toBe('never empty')
  expect(of(field({ path: 'm[].role', present: 40 }), report({}), [parent]).empty).toBe('20.0% empty')
})

test('a column of CSV is never missing', () => expect(of(field({ present: 80 }), report({ format: 'csv' })).empty).toBe('never empty'))

test('few values are bars, the rest of them in one', () => {
  const top = Array.from({ length: 14 }, (_, i) => ({ value: `v${i}`, count: i ? 3 : 61 }))
  const { chart, types } = of(field({ distinct: 14, top }))
  expect(types).toBe('text, 14 values')
  expect(chart.kind === 'bars' && chart.bars.map((b) => [b.key, b.value])).toEqual([['v0', '61.0%'], ['v1', '3.0%'], ['v2', '3.0%'], ['v3', '3.0%'], ['v4', '3.0%'], ['9 more', '27.0%']])
})

test('lengths without values keep their place between those that have some', () => {
  const length = { min: 0, max: 40, mean: 9, p50: 6, p95: 40, histogram: [{ from: 0, to: 0, count: 5 }, { from: 4, to: 7, count: 60 }, { from: 32, to: 63, count: 35 }] }
  const { chart, sentence, types } = of(field({ distinct: 160_000, length }))
  expect(chart).toMatchObject({ kind: 'hist', values: [5, 0, 0, 60, 0, 0, 35], from: '0', to: '40 bytes' })
  expect(sentence).toBe('lengths from 0 bytes to 40 bytes; half are at most 6 bytes, 95 in a hundred at most 40 bytes')
  expect(types).toBe('text, about 100 values') // an estimate is not more than there are
})

test('numbers are a span with their mean, and bars in their order where every value is told', () => {
  const numbers = { types: { number: 100 }, min: 0, max: 10, mean: 2.5 }
  expect(of(field({ ...numbers, distinct: 5000 })).chart).toEqual({ kind: 'span', min: 0, max: 10, mean: 2.5, at: 0.25 })
  const top = [10, 0, 9, 1, 8, 2, 7, 3].map((n, i) => ({ value: String(n), count: 20 - i }))
  expect(of(field({ ...numbers, distinct: 8, top })).chart).toMatchObject({ kind: 'hist', values: [19, 17, 15, 13, 14, 16, 18, 20] })
})

test('a finding belongs to the field at its path', () => {
  expect(fieldOf('/messages/0/role')).toBe('messages[].role')
  expect(fieldOf('/a~1b/c~0d')).toBe('a/b.c~d')
  expect(fieldOf('a long note')).toBe('a long note')
  const f = (line: number, path: string, severity = 'error') => ({ line, path, severity }) as Finding
  expect([...failedOn([f(1, '/m/0/role'), f(1, '/m/3/role'), f(2, '/m/0/role'), f(3, '/m/0/role', 'warning'), f(4, '')])]).toEqual([['m[].role', 2]])
})
