import type { Report, StoredFile } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { num, percent } from '../format'
import { overlapQuery } from '../state/queries'
import { t } from '../strings'
import { Text } from '../ui/Text'
import { headline, parts } from './headline'

const words = t.detail.verdict

/** The headline of a report: the share that passed, the next step, and the three parts. */
export function Verdict({ file, report }: { file: StoredFile; report: Report }) {
  const { figure, text } = headline(file, report)
  const passed = report.records - report.records_with_errors
  return (
    <section className="card p-4" aria-labelledby="verdict">
      <h2 id="verdict" className="sr-only">
        {words.title}
      </h2>
      <p>
        {figure && <span className="num text-2xl font-semibold tracking-tight">{figure} </span>}
        <span className={figure ? 'text-ink2' : 'font-medium'}>{text}</span>
      </p>
      {file.processing_error && file.failure_kind === 'system' && <p className="mt-1 text-sm text-red">{file.processing_error}</p>}
      <Bar report={report} passed={passed} />
      <More file={file} report={report} />
    </section>
  )
}

function Bar({ report, passed }: { report: Report; passed: number }) {
  const p = parts(report)
  const legend: [string, string][] = [['bg-green', words.passed(passed)]]
  if (report.warnings) legend.push(['bg-amberfill', words.warnings(report.warnings)])
  if (report.errors) legend.push(['bg-red', report.records_with_errors ? words.failed(report.records_with_errors) : words.wholeErrors(report.errors)])
  return (
    <>
      <div className="mt-3 flex h-2.5 gap-[3px] overflow-hidden rounded-full" role="img" aria-label={legend.map(([, text]) => text).join(', ')}>
        {p.passed > 0 && <i className="bg-green" style={{ flexGrow: p.passed, flexBasis: 0 }} />}
        {p.warned > 0 && <i className="bg-amberfill" style={{ flexGrow: p.warned, flexBasis: 0 }} />}
        {p.failed > 0 && <i className="bg-red" style={{ flexGrow: p.failed, flexBasis: 0 }} />}
      </div>
      <p className="num mt-2 flex flex-wrap gap-x-5 gap-y-1 text-xs text-ink2">
        {legend.map(([color, text]) => (
          <span key={color} className="inline-flex items-center gap-1.5">
            <i className={`size-2 shrink-0 rounded-full ${color}`} aria-hidden />
            {text}
          </span>
        ))}
        <span className="text-ink3 md:ml-auto">{[!p.toScale && words.notToScale, by(report)].filter(Boolean).join(' · ')}</span>
      </p>
    </>
  )
}

/** What it was checked by. */
function by(report: Report): string {
  const set = (report.rules as { rule_set?: string } | null)?.rule_set
  if (set) return words.ruleSet(set)
  return report.schema && report.schema !== 'none' ? words.schema(report.schema) : words.format(t.detail.formats[report.format] ?? report.format)
}

/** Repeats within the file, and records that other files hold already. */
function More({ file, report }: { file: StoredFile; report: Report }) {
  const judged = report.verdict !== 'in_progress'
  const overlap = useQuery({ ...overlapQuery(file.file_id), enabled: judged && !report.stopped }).data
  const lines: React.ReactNode[] = []
  if (judged && report.duplicate_records === null) lines.push(words.counting)
  if (report.duplicate_records) lines.push(words.repeats(report.duplicate_records, percent(report.duplicate_records, report.records)))
  if (report.blank_lines) lines.push(words.blank(num(report.blank_lines)))
  const other = overlap?.overlaps[0]
  if (overlap && other) {
    lines.push(
      <>
        {words.overlap(percent(other.share, 1), overlap.exact)}{' '}
        <Link to="/files/$id" params={{ id: other.file_id }} className="link">
          <Text>{other.original_name}</Text>
        </Link>
        {overlap.files > 1 && words.overlapMore(percent(overlap.share, 1), overlap.files)}
      </>,
    )
  }
  if (!lines.length) return null
  return (
    <ul className="num mt-3 space-y-1 border-t border-line pt-2.5 text-xs text-ink2">
      {lines.map((line, i) => (
        <li key={i}>{line}</li>
      ))}
    </ul>
  )
}
