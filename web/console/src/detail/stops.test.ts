import type { Event, Progress, Report, StoredFile } from '@freshet/client'
import { expect, test } from 'vitest'
import { rail } from './stops'

const file = (f: Partial<StoredFile>) =>
  ({ file_id: 'f', upload_time: '2026-11-28T11:02:00Z', updated_time: '2026-11-28T11:05:00Z', file_size: 18_400_000_000, record_count: 12_481_930, failure_kind: '', verdict: 'none', rechecking: false, sha256: null, errors_found: 0, warnings_found: 0, used_count: 0, ...f }) as StoredFile
const step = (action: string, at: string, from: string, to: string) => ({ action, at: `2026-11-28T${at}Z`, from_status: from, to_status: to }) as Event
const arrived = [step('create', '11:02:00', '', 'uploading'), step('upload', '11:02:38', 'uploading', 'uploaded')]
const report = (r: Partial<Report>) => ({ finished: '2026-11-28T11:04:00Z', records_with_errors: 0, ...r }) as Report
const states = (stops: ReturnType<typeof rail>) => stops.map((s) => s.state).join(' ')

test('a file that failed its checks stands at Checked, with the lines to fix', () => {
  const stops = rail(file({ status: 'failed', verdict: 'failed', failure_kind: 'data', errors_found: 1300 }), [...arrived, step('fail', '11:04:00', 'uploaded', 'failed')], report({ records_with_errors: 1284 }), undefined)
  expect(states(stops)).toBe('done done failed todo')
  expect(stops.map((s) => s.text)).toEqual(['18.4 GB in 38 s', 'BLAKE3 noted', '1,284 lines failed', 'Waiting for 0 errors'])
  expect(stops[0]!.at).toBe('2026-11-28T11:02:38Z')
  expect(stops[2]!.at).toBe('2026-11-28T11:04:00Z')
})

test('one that arrives is at Received and Checked at once', () => {
  const live = { bytes_received: 61, file_size: 100, bytes_checked: 50, records_checked: 9000 } as Progress
  const stops = rail(file({ status: 'uploading', verdict: 'in_progress' }), arrived.slice(0, 1), undefined, live)
  expect(states(stops)).toBe('now todo now todo')
  expect(stops[0]!.text).toBe('61% so far')
  expect(stops[2]!.text).toBe('9,000 records so far')
})

test('an upload that ended early failed at Received', () => expect(states(rail(file({ status: 'failed', failure_kind: 'upload' }), arrived.slice(0, 1), undefined, undefined))).toBe('failed todo todo todo'))

test('one that passed under manual promotion waits for a person', () => {
  const stops = rail(file({ status: 'uploaded', verdict: 'passed', warnings_found: 3 }), arrived, report({}), undefined)
  expect(states(stops)).toBe('done done done now')
  expect(stops[2]!.text).toBe('Passed, 3 warnings')
})

test('a fresh one tells when it became fresh, not when it was looked at again', () => {
  const events = [...arrived, step('fresh', '11:04:01', 'processing', 'fresh'), step('process', '12:00:00', 'fresh', 'fresh')]
  const stops = rail(file({ status: 'fresh', verdict: 'in_progress', rechecking: true }), events, report({}), { bytes_checked: 30, file_size: 100 } as Progress)
  expect(states(stops)).toBe('done done now done')
  expect(stops[2]!.text).toBe('30% checked')
  expect(stops[3]!.at).toBe('2026-11-28T11:04:01Z')
})

test('a check that the server could not finish is not the data that failed', () => expect(rail(file({ status: 'failed', failure_kind: 'system' }), arrived, undefined, undefined)[2]).toMatchObject({ state: 'failed', text: 'The check did not finish' }))
