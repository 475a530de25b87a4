import type { Report, StoredFile } from '@freshet/client'
import { expect, test } from 'vitest'
import { headline, parts } from './headline'

const report = (r: Partial<Report>) => ({ records: 12_481_930, records_with_errors: 0, errors: 0, warnings: 0, verdict: 'passed', ...r }) as Report
const file = (status: string) => ({ status }) as StoredFile

test('says the share and the next step', () => {
  expect(headline(file('failed'), report({ verdict: 'failed', errors: 1300, records_with_errors: 1284 }))).toEqual({ figure: '99.99%', text: 'of records passed. Fix 1,284 lines, then check again to promote.' })
  expect(headline(file('uploaded'), report({}))).toEqual({ figure: '100%', text: 'of records passed. Promote it to make it fresh.' })
  expect(headline(file('uploading'), report({ verdict: 'in_progress', records: 3_100_000 })).text).toBe('of records passed. So far: 3,100,000 records. This goes on by itself.')
  expect(headline(file('failed'), report({ verdict: 'failed', records: 0, errors: 1 })).figure).toBeNull()
})

test('what is too thin to be seen is drawn wider, and that is said', () => {
  expect(parts(report({ records_with_errors: 1284, errors: 1284 })).toScale).toBe(false)
  const wide = parts(report({ records: 100, records_with_errors: 40, warnings: 900, errors: 50 }))
  expect(wide).toMatchObject({ toScale: true, failed: 0.4, warned: 0.6 })
  expect(wide.passed).toBeCloseTo(0)
})
