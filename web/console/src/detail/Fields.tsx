import type { Report, StoredFile } from '@freshet/client'
import type { UseQueryResult } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { num } from '../format'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'
import { FieldCard } from './FieldCard'
import { failedOn, summary } from './summary'
import { listed } from './found'

const searchFrom = 13
const atOnce = 60

/** A card for each field of the records. */
export function Fields({ file, report }: { file: StoredFile; report: UseQueryResult<Report> }) {
  const [search, setSearch] = useState('')
  const [shown, setShown] = useState(atOnce)
  const r = report.data
  if (!r) return <div className="card">{report.isPending ? <Waiting /> : file.status === 'uploading' || file.verdict === 'none' ? <Instead>{t.detail.awaits.first}</Instead> : <Failed what={t.detail.report} error={report.error} again={() => void report.refetch()} />}</div>
  if (!r.fields.length) return <div className="card"><Instead>{r.verdict === 'in_progress' ? t.detail.awaits.first : t.detail.fields.none}</Instead></div>
  const byPath = new Map(r.fields.map((f) => [f.path, f]))
  const failed = failedOn(listed(r))
  const wanted = search.toLowerCase()
  const match = r.fields.filter((f) => f.path.toLowerCase().includes(wanted))
  return (
    <section aria-labelledby="fields">
      <h2 id="fields" className="sr-only">
        {t.detail.tabs.fields}
      </h2>
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-ink2 empty:hidden">
        {r.fields.length >= searchFrom && (
          <span className="relative w-full max-w-80">
            <Search size={15} className="absolute top-1/2 left-3 -translate-y-1/2 text-ink3" aria-hidden />
            <input type="search" className="field w-full pl-9" aria-label={t.detail.fields.search} placeholder={t.detail.fields.search} value={search} onChange={(e) => setSearch(e.target.value)} />
          </span>
        )}
        {search && <span className="num" role="status">{t.detail.fields.matches(match.length, num(r.fields.length))}</span>}
        {r.verdict === 'in_progress' && <span className="num">{t.detail.fields.soFar(r.records)}</span>}
        {r.fields_truncated && <span>{t.detail.fields.truncated(num(r.fields.length))}</span>}
      </div>
      {match.length === 0 && <div className="card"><Instead action={{ label: t.files.clear, run: () => setSearch('') }}>{t.detail.fields.noMatch}</Instead></div>}
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2 xl:grid-cols-3">
        {match.slice(0, shown).map((f) => (
          <FieldCard key={f.path} field={f} of={summary(f, r, byPath)} failed={failed.get(f.path)} failedIsPart={r.truncated} />
        ))}
      </div>
      {match.length > shown && (
        <p className="mt-4 text-center">
          <button className="btn" onClick={() => setShown(shown + atOnce)}>
            {t.detail.fields.showMore(match.length - shown)}
          </button>
        </p>
      )}
    </section>
  )
}
