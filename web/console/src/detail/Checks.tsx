import type { Report, StoredFile } from '@freshet/client'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import { look } from '../state/status'
import { mapQuery } from '../state/queries'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'
import { ErrorMap } from './ErrorMap'
import { Findings } from './Findings'
import { Glance } from './Glance'
import { countOf, first, type Which } from './found'
import type { Range } from './map'
import { Verdict } from './Verdict'

interface Props {
  file: StoredFile
  report: UseQueryResult<Report>
  /** What of the findings was asked for, if anything. */
  which: Which | undefined
  onWhich: (which: Which) => void
  onFields: () => void
}

/** What the checks found, where, and what to do about it. */
export function Checks({ file, report, which: asked, onWhich, onFields }: Props) {
  const [range, setRange] = useState<Range>()
  const r = report.data
  const any = !!r && r.errors + r.warnings > 0
  const which = asked ?? (r ? first(r) : 'all')
  const rule = which === 'all' || which === 'error' || which === 'warning' ? undefined : which
  const map = useQuery({ ...mapQuery(file.file_id, rule), enabled: any })
  const why = noReport(file)
  if (!r) return <div className="card">{report.isPending ? <Waiting /> : why ? <Instead>{why}</Instead> : <Failed what={t.detail.report} error={report.error} again={() => void report.refetch()} />}</div>
  if (r.verdict === 'in_progress' && r.records === 0 && !any) return <div className="card"><Instead>{t.detail.awaits.first}</Instead></div>
  const pick = (which: Which) => {
    setRange(undefined)
    onWhich(which)
  }
  return (
    <div className="grid grid-cols-1 gap-4 lg:grid-cols-[minmax(0,1fr)_320px]">
      <div className="min-w-0 space-y-4">
        <Verdict file={file} report={r} />
        {any && <ErrorMap map={map} rule={rule} of={countOf(r, rule ?? 'all')} picked={range} onPick={setRange} />}
        {any ? <Findings file={file} report={r} which={which} onWhich={pick} range={range} onRange={setRange} /> : <div className="card"><Instead>{calm(file, r)}</Instead></div>}
      </div>
      <Glance report={r} onAll={onFields} />
    </div>
  )
}

/** What is said where nothing was found. */
function calm(file: StoredFile, r: Report): string {
  if (file.status === 'quarantined') return t.detail.quarantine.calm
  return r.verdict === 'passed' ? t.detail.calm : t.detail.calmSoFar
}

/** Why there is no report, where that is as it should be. */
function noReport(file: StoredFile): string | undefined {
  switch (look(file)) {
    case 'receiving':
      return t.detail.awaits.bytes
    case 'received':
    case 'checking':
      return t.detail.awaits.check
    case 'ended':
      return t.detail.awaits.never(file.processing_error)
    case 'broke':
      return t.detail.awaits.broke
    default:
      return undefined
  }
}
