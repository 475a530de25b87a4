import type { Report, StoredFile } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { num } from '../format'
import { look } from '../state/status'
import { recordsQuery } from '../state/queries'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'
import { useFindings } from './found'
import { fieldsOf } from './parse'
import { Record } from './Record'

const words = t.detail.records

/** So many records a page. */
const size = 20

/** The records from a line on, as they are written or under their names, with what was found in them. */
export function Records({ file, report, line, onLine }: { file: StoredFile; report: Report | undefined; line: number; onLine: (line: number) => void }) {
  const [pretty, setPretty] = useState(true)
  const why = hidden(file, report)
  const page = useQuery({ ...recordsQuery(file.file_id, line, size), enabled: !why })
  const separated = !!report?.delimiter
  const header = useQuery({ ...recordsQuery(file.file_id, 1, 1), enabled: !why && separated }).data?.records[0]
  const records = page.data?.records ?? []
  const last = records.at(-1)
  const to = page.data?.next_line ? page.data.next_line - 1 : (last?.line ?? line) + 1_000_000
  const found = useFindings(records.length ? report : undefined, 'all', { unit: 'line', from: records[0]?.line ?? line, to: Math.max(to, last?.line ?? line) })
  if (why) return <div className="card"><Instead>{why}</Instead></div>
  const names = header && report?.delimiter ? fieldsOf(header.text.replace(/^\uFEFF/, ''), report.delimiter) : null
  const next = page.data?.next_line
  return (
    <section className="card overflow-hidden" aria-labelledby="records">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <h2 id="records" className="font-semibold">
          {words.title}
        </h2>
        <GoTo line={line} onLine={onLine} />
        <Toggle pretty={pretty} onPretty={setPretty} />
      </div>
      {report?.compression && <p className="border-b border-line px-4 py-2 text-xs text-ink2">{words.compressed}</p>}
      {page.isPending ? (
        <Waiting />
      ) : page.error ? (
        <Failed what={words.what} error={page.error} again={() => void page.refetch()} />
      ) : records.length === 0 ? (
        <Instead action={line > 1 ? { label: words.toStart, run: () => onLine(1) } : undefined}>{report ? words.behind(num(report.lines)) : words.empty}</Instead>
      ) : (
        <ol>
          {records.map((r) => (
            <Record key={`${r.line} ${r.byte_offset}`} record={r} names={r.line === 1 ? null : names} delimiter={report?.delimiter} isHeader={separated && r.line === 1} pretty={pretty} findings={found.findings.filter((f) => f.line === r.line)} />
          ))}
        </ol>
      )}
      {found.error && <p className="border-t border-line px-4 py-2 text-xs text-red">{t.common.failed(t.detail.findings.what)}</p>}
      <div className="num flex flex-wrap items-center justify-between gap-2 border-t border-line px-4 py-2 text-xs text-ink2">
        <span>{last ? words.page(num(records[0]!.line), num(last.line), report ? num(report.lines) : null) : ''}</span>
        {next && next <= line ? <span>{words.sameLine}</span> : null}
        <span className="flex gap-1">
          <button className="btn !h-7 !px-2" disabled={line === 1} onClick={() => onLine(Math.max(1, line - size))}>
            {t.detail.previous}
          </button>
          <button className="btn !h-7 !px-2" disabled={!next || next <= line} onClick={() => next && onLine(next)}>
            {t.detail.next}
          </button>
        </span>
      </div>
    </section>
  )
}

/** Why there are no records to be shown. */
function hidden(file: StoredFile, report: Report | undefined): string | undefined {
  if (look(file) === 'receiving') return words.arriving
  if (look(file) === 'ended') return t.why.noBytes
  if ((report?.format ?? file.format) === 'parquet') return words.parquet
  return undefined
}

function GoTo({ line, onLine }: { line: number; onLine: (line: number) => void }) {
  const [text, setText] = useState(String(line))
  const [told, setTold] = useState(line)
  if (line !== told) {
    // paged on, or back by the browser; the input stays, and with it the focus
    setTold(line)
    setText(String(line))
  }
  const id = useId()
  const n = Number(text)
  const fine = Number.isSafeInteger(n) && n > 0
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(e) => {
        e.preventDefault()
        if (fine) onLine(n)
      }}
    >
      <label htmlFor={id} className="text-sm text-ink2">
        {words.goTo}
      </label>
      <input id={id} className="field num w-28 font-mono" type="number" min={1} step={1} inputMode="numeric" value={text} aria-invalid={!fine} onChange={(e) => setText(e.target.value)} />
      <button className="btn">{words.go}</button>
    </form>
  )
}

function Toggle({ pretty, onPretty }: { pretty: boolean; onPretty: (p: boolean) => void }) {
  return (
    <div role="group" aria-label={words.view} className="ml-auto flex rounded-lg border border-line p-0.5">
      {[true, false].map((p) => (
        <button key={String(p)} aria-pressed={pretty === p} onClick={() => onPretty(p)} className={`h-7 rounded-md px-2.5 text-xs font-medium max-md:h-9 ${pretty === p ? 'bg-accentsoft text-accent' : 'text-ink2 hover:bg-sunken'}`}>
          {p ? words.pretty : words.raw}
        </button>
      ))}
    </div>
  )
}
