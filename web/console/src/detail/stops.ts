import type { Event, Progress, Report, StoredFile } from '@freshet/client'
import { bytes, duration, num, percent } from '../format'
import { t } from '../strings'
import { look } from '../state/status'

/** One stop on a file's way. */
export interface Stop {
  name: string
  state: 'done' | 'failed' | 'now' | 'todo'
  /** When it was reached. */
  at: string | null
  text: string
}

const words = t.detail.rail

/** A file's way so far, of what its history, its row and its report tell. */
export function rail(file: StoredFile, events: Event[], report: Report | undefined, live: Progress | undefined): Stop[] {
  const created = events.find((e) => e.action === 'create')?.at ?? file.upload_time
  const arrived = events.find((e) => e.action === 'upload')
  const here = !!arrived || (file.status !== 'uploading' && file.failure_kind !== 'upload')
  return [received(file, created, arrived?.at, here, live), staged(file, arrived?.at, here), checked(file, report, here, live), fresh(file, events)]
}

function received(file: StoredFile, created: string, arrived: string | undefined, here: boolean, live: Progress | undefined): Stop {
  const name = words.received
  if (here) {
    const took = arrived ? (Date.parse(arrived) - Date.parse(created)) / 1000 : 0
    return { name, state: 'done', at: arrived ?? created, text: took > 0 ? words.took(bytes(file.file_size), duration(took)) : bytes(file.file_size) }
  }
  if (file.status !== 'uploading') return { name, state: 'failed', at: file.updated_time, text: words.cutOff }
  return { name, state: 'now', at: created, text: live ? words.soFar(percent(live.bytes_received, live.file_size, 0)) : words.arriving }
}

function staged(file: StoredFile, arrived: string | undefined, here: boolean): Stop {
  if (!here) return { name: words.staged, state: 'todo', at: null, text: words.whenAllIsHere }
  return { name: words.staged, state: 'done', at: arrived ?? null, text: file.sha256 ? words.sha256 : words.blake3 }
}

function checked(file: StoredFile, report: Report | undefined, here: boolean, live: Progress | undefined): Stop {
  const name = words.checked
  const at = report?.finished ?? null
  switch (look(file)) {
    case 'receiving':
      return { name, state: live?.records_checked ? 'now' : 'todo', at: null, text: live?.records_checked ? words.recordsSoFar(live.records_checked) : words.whileItArrives }
    case 'checking':
      if (file.verdict === 'passed' && !file.rechecking) break
      return { name, state: 'now', at: null, text: live ? words.checking(percent(live.bytes_checked, live.file_size, 0)) : words.waiting }
    case 'received':
      return { name, state: 'now', at: null, text: words.waiting }
    case 'broke':
      return { name, state: 'failed', at: null, text: words.broke }
    case 'ended':
      return { name, state: 'todo', at: null, text: words.notChecked }
    case 'quarantined':
      return { name, state: 'failed', at, text: words.quarantined }
    case 'failed':
      return { name, state: 'failed', at, text: report?.records_with_errors ? words.linesFailed(report.records_with_errors) : words.errors(file.errors_found) }
  }
  if (!here) return { name, state: 'todo', at: null, text: words.notChecked }
  return { name, state: 'done', at, text: passed(file) }
}

function passed(file: StoredFile): string {
  if (file.errors_found) return words.tolerated(file.errors_found)
  return file.warnings_found ? words.passedWith(file.warnings_found) : words.passed(num(file.record_count))
}

function fresh(file: StoredFile, events: Event[]): Stop {
  const name = words.fresh
  const at = events.findLast((e) => e.to_status === 'fresh' && e.from_status !== 'fresh')?.at ?? null
  const last = (status: string) => events.findLast((e) => e.to_status === status)?.at ?? at
  switch (file.status) {
    case 'fresh':
      return { name, state: 'done', at, text: words.forTraining }
    case 'used':
      return { name, state: 'done', at, text: words.used(file.used_count) }
    case 'archived':
      return { name, state: 'done', at: last('archived'), text: words.archived }
    case 'deprecated':
      return { name, state: 'done', at: last('deprecated'), text: words.deprecated }
    case 'processing':
      return file.verdict === 'passed' ? { name, state: 'now', at: null, text: words.promoting } : { name, state: 'todo', at: null, text: words.waitsForChecks }
    case 'quarantined':
      return { name, state: 'todo', at: null, text: words.notYet }
    case 'failed':
      return { name, state: 'todo', at: null, text: file.failure_kind === 'data' ? words.waitsForZero : words.notYet }
  }
  return file.status === 'uploaded' && file.verdict === 'passed' ? { name, state: 'now', at: null, text: words.waitsForYou } : { name, state: 'todo', at: null, text: words.waitsForChecks }
}
