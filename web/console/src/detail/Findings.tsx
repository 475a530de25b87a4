import type { Report, StoredFile } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download, X } from 'lucide-react'
import { useRef, useState } from 'react'
import { num } from '../format'
import { client } from '../state/app'
import { limitsQuery } from '../state/queries'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'
import { Finding } from './Finding'
import { asked, countOf, most, useFindings, type Which } from './found'
import { words, type Range } from './map'
import { useTitles } from './titles'

const pageSize = 100

interface Props {
  file: StoredFile
  report: Report
  which: Which
  onWhich: (which: Which) => void
  range: Range | undefined
  onRange: (r: Range | undefined) => void
}

/** The list of what was found, by severity, rule and place. */
export function Findings({ file, report, which, onWhich, range, onRange }: Props) {
  const { findings, more, loading, error, again } = useFindings(report, which, range)
  const total = countOf(report, which)
  const head = useRef<HTMLHeadingElement>(null)
  return (
    <section className="card overflow-hidden" aria-labelledby="findings">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-3">
        <h2 id="findings" ref={head} tabIndex={-1} className="font-semibold outline-none">
          {report.errors ? t.detail.findings.title : t.detail.findings.warnings}
        </h2>
        <Kept report={report} total={total} shown={more ? Math.min(findings.length, most) : null} />
        {report.verdict !== 'in_progress' && <Downloads file={file} which={which} />}
      </div>
      <Chips report={report} which={which} onWhich={onWhich} />
      {range && (
        <p className="flex items-center gap-2 border-b border-line px-4 py-1 text-xs">
          <span className="num">{words(range)}</span>
          <button className="btn !h-7 !px-2" onClick={() => onRange(undefined)}>
            <X size={13} aria-hidden />
            {t.detail.findings.wholeFile}
          </button>
        </p>
      )}
      {loading ? (
        <Waiting rows={5} />
      ) : error ? (
        <Failed what={t.detail.findings.what} error={error} again={() => void again()} />
      ) : (
        <Pages key={`${which} ${range?.from ?? ''}`} file={file} findings={findings} total={range || more ? findings.length : total} more={more} onPage={() => head.current?.focus()} />
      )}
    </section>
  )
}

/** Says where the list ends before the findings do. */
function Kept({ report, total, shown }: { report: Report; total: number; shown: number | null }) {
  const limits = useQuery(limitsQuery).data
  if (report.verdict === 'in_progress') return <span className="num text-xs text-ink2">{t.detail.findings.soFar(report.records, shown)}</span>
  if (shown === null || shown >= total) return null
  const stored = limits ? Math.min(total, limits.max_findings) : total
  return <span className="num text-xs text-ink2">{stored < total ? t.detail.findings.keptSome(shown, stored, total) : t.detail.findings.kept(shown, total)}</span>
}

function Downloads({ file, which }: { file: StoredFile; which: Which }) {
  const link = (format: 'csv' | 'ndjson', name: string) => (
    <a href={client.url(`/validation-findings/${file.file_id}`, { ...asked(which), format })} download className="inline-flex min-h-6 items-center gap-1.5 text-sm font-medium text-accent hover:underline" title={which === 'all' ? t.detail.findings.ofAll : t.detail.findings.ofThese}>
      <Download size={14} aria-hidden />
      {name}
    </a>
  )
  return (
    <span className="ml-auto flex gap-4">
      {link('csv', 'errors.csv')}
      {link('ndjson', 'errors.jsonl')}
    </span>
  )
}

function Chips({ report, which, onWhich }: { report: Report; which: Which; onWhich: (which: Which) => void }) {
  const title = useTitles()
  // a rule whose severity differs from record to record has two rows
  const counts = new Map<string, { n: number; errors: number }>()
  for (const r of report.by_rule) {
    const c = counts.get(r.rule) ?? { n: 0, errors: 0 }
    counts.set(r.rule, { n: c.n + r.count, errors: c.errors + (r.severity === 'error' ? r.count : 0) })
  }
  const rules = [...counts].sort(([, a], [, b]) => Math.sign(b.errors) - Math.sign(a.errors) || b.n - a.n)
  const chip = (of: Which, label: string, n: number) => (
    <button
      key={of}
      aria-pressed={which === of}
      onClick={() => onWhich(of)}
      className={`num h-7 shrink-0 rounded-md px-2.5 text-xs font-medium -outline-offset-2 max-md:h-9 ${which === of ? 'bg-accentsoft text-accent' : 'text-ink2 hover:bg-sunken'}`}
    >
      {label} <span className={which === of ? '' : 'text-ink3'}>{num(n)}</span>
    </button>
  )
  return (
    <div role="group" aria-label={t.detail.findings.byRule} className="flex gap-1 overflow-x-auto border-b border-line px-2 py-1.5">
      {chip('all', t.detail.findings.all, report.errors + report.warnings)}
      {report.errors > 0 && report.warnings > 0 && (
        <>
          {chip('error', t.detail.findings.errors, report.errors)}
          {chip('warning', t.detail.findings.warnings, report.warnings)}
        </>
      )}
      <span data-rules className="contents">
        {rules.map(([r, c]) => chip(r, title(r), c.n))}
      </span>
    </div>
  )
}

function Pages({ file, findings, total, more, onPage }: { file: StoredFile; findings: ReturnType<typeof useFindings>['findings']; total: number; more: boolean; onPage: () => void }) {
  const [page, setPage] = useState(0)
  const [open, setOpen] = useState<number | null>(0)
  const title = useTitles()
  if (!findings.length) return <Instead>{t.detail.findings.none}</Instead>
  const from = Math.min(page, Math.floor((findings.length - 1) / pageSize)) * pageSize
  const shown = findings.slice(from, from + pageSize)
  const last = from + pageSize >= findings.length
  const go = (step: number) => {
    setPage(from / pageSize + step)
    setOpen(null)
    onPage()
  }
  return (
    <>
      <ul className="@container">
        {shown.map((f, i) => (
          <Finding
            key={from + i}
            finding={f}
            title={title(f.rule)}
            open={open === from + i}
            onOpen={() => setOpen(open === from + i ? null : from + i)}
            place={(label) => (
              <Link to="/files/$id" params={{ id: file.file_id }} search={{ tab: 'records', line: f.line }} className="inline-flex min-h-6 min-w-6 items-center hover:text-accent hover:underline" aria-label={t.detail.findings.toLine(label)}>
                {label}
              </Link>
            )}
          />
        ))}
      </ul>
      <div className="num flex items-center justify-between border-t border-line px-4 py-2 text-xs text-ink2">
        <span>{t.detail.findings.page(num(from + 1), num(from + shown.length), more && last ? t.detail.findings.moreThan(findings.length) : num(total))}</span>
        <span className="flex gap-1">
          <button className="btn !h-7 !px-2" disabled={from === 0} onClick={() => go(-1)}>
            {t.detail.previous}
          </button>
          <button className="btn !h-7 !px-2" disabled={last} onClick={() => go(1)}>
            {t.detail.next}
          </button>
        </span>
      </div>
    </>
  )
}
