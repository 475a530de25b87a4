import type { Report, StoredFile } from '@freshet/client'
import { t } from '../strings'

/** Why the rejected and the clean records of a file cannot be had, if so. */
export function maySplit(file: StoredFile, report: Report | undefined): { rejected?: string; clean?: string } {
  const why = hinders(file, report)
  if (why || !report) return { rejected: why, clean: why }
  return {
    rejected: report.records_with_errors === 0 ? t.detail.noneRejected : undefined,
    clean: report.records_with_errors === report.records ? t.detail.noneClean : undefined,
  }
}

const lines = ['jsonl', 'csv', 'tsv', 'text']

function hinders(file: StoredFile, report: Report | undefined): string | undefined {
  if (file.status === 'uploading') return t.why.arriving
  if (!report || (file.verdict !== 'passed' && file.verdict !== 'failed')) return t.detail.noVerdict
  if (report.stopped) return t.detail.stoppedEarly
  if (report.compression || !lines.includes(report.format)) return t.detail.notRecords
  return undefined
}
