import type { Report, StoredFile } from '@freshet/client'
import { percent } from '../format'
import { t } from '../strings'

const words = t.detail.verdict

/** The one figure of a report, and what to do next. */
export interface Headline {
  figure: string | null
  /** Goes on after the figure, or is all there is. */
  text: string
}

export function headline(file: StoredFile, report: Report): Headline {
  const passed = report.records - report.records_with_errors
  const figure = report.records > 0 ? percent(passed, report.records, 2) : null
  const share = figure ? `${words.share} ` : ''
  if (report.verdict === 'in_progress') return { figure, text: `${share}${words.soFar(report.records)}` }
  return { figure, text: share + next(file, report) }
}

function next(file: StoredFile, report: Report): string {
  if (report.stopped) return words.stopped(report.stopped)
  if (file.status === 'quarantined') return t.detail.quarantine.headline
  if (report.verdict === 'failed') {
    if (report.records_with_errors) return words.fix(report.records_with_errors)
    return words.whole(report.errors)
  }
  if (report.records_with_errors) return words.tolerated(report.records_with_errors)
  if (file.status === 'uploaded') return words.promote
  return file.status === 'fresh' || file.status === 'used' ? words.fresh : words.nothing
}

/** The lengths of a bar of three; parts too thin to be seen are drawn wider, and that is said. */
export interface Parts {
  passed: number
  warned: number
  failed: number
  toScale: boolean
}

const least = 0.015

export function parts(report: Report): Parts {
  const all = Math.max(report.records, 1)
  const failed = report.records ? report.records_with_errors / all : report.errors ? 1 : 0
  // findings, of which a record may have several: as many records as there can be
  const warned = Math.min(report.warnings, report.records - report.records_with_errors) / all
  const wide = (n: number) => (n > 0 ? Math.max(n, least) : 0)
  return { failed: wide(failed), warned: wide(warned), passed: Math.max(0, 1 - wide(failed) - wide(warned)), toScale: wide(failed) === failed && wide(warned) === warned }
}
