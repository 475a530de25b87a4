import type { Limits } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { bytes, duration, limit, num } from '../format'
import { setShortcuts, shortcutsOn } from '../shell/keys'
import { healthQuery, limitsQuery } from '../state/queries'
import { everywhere } from '../state/rights'
import { setTheme, useTheme, type Theme } from '../state/theme'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Failed, Waiting } from '../ui/State'
import { Card, Fact } from './Card'
import { ProjectCards } from './ProjectCards'
import { Projects } from './Projects'

const s = t.settings

/** What the server is set to, how it is, and the look of this browser. */
export default function Settings() {
  const limits = useQuery(limitsQuery)
  const all = useMay('admin', everywhere)
  return (
    <div className="page space-y-4">
      <div>
        <h1 className="title">{s.title}</h1>
        <p className="mt-1 text-ink2">{s.intro}</p>
      </div>
      <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
        <Server />
        {limits.data ? (
          <>
            <ProjectCards l={limits.data} />
            {all && <Projects />}
            <InForce l={limits.data} />
          </>
        ) : (
          <div className="card">{limits.isError ? <Failed what={s.what} error={limits.error} again={() => void limits.refetch()} /> : <Waiting rows={4} />}</div>
        )}
        <Look />
      </div>
    </div>
  )
}

function Server() {
  const health = useQuery(healthQuery)
  const h = health.data
  if (!h) return <div className="card">{health.isError ? <Failed what={s.server} error={health.error} again={() => void health.refetch()} /> : <Waiting rows={4} height={40} />}</div>
  return (
    <Card title={s.server}>
      <Fact name={s.version}>{h.version}</Fact>
      <Fact name={s.state}>{h.status === 'healthy' ? <Good>{s.healthy}</Good> : <Bad>{s.degraded}</Bad>}</Fact>
      {Object.entries(h.components).map(([name, c]) => (
        <Fact key={name} name={s.component[name] ?? name}>
          {c.status === 'up' ? <Good>{s.up}</Good> : <Bad>{`${s.down}: ${c.detail}`}</Bad>}
        </Fact>
      ))}
      <Fact name={s.workers}>{num(h.max_workers)}</Fact>
    </Card>
  )
}

function Good({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1 text-green">
      <CircleCheck size={14} aria-hidden />
      {children}
    </span>
  )
}

function Bad({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1 text-red">
      <TriangleAlert size={14} aria-hidden />
      {children}
    </span>
  )
}

const hours = (h: number | null) => (h === null ? s.kept : duration(h * 3600))

function InForce({ l }: { l: Limits }) {
  return (
    <>
      <Card title={s.sizes}>
        <Fact name={s.maxFile}>{l.max_file_size === null ? s.anySize : limit(l.max_file_size)}</Fact>
        <Fact name={s.maxRecord}>
          {limit(l.max_record_bytes)} <span className="font-normal text-ink2">({s.maxRecordHint(limit(l.largest_max_record_bytes))})</span>
        </Fact>
        {l.part_sizes.map((p) => (
          <Fact key={p.part_size} name={`${s.parts}: ${p.files_below === null ? s.partsRest : s.partsBelow(limit(p.files_below))}`}>
            {limit(p.part_size)}
          </Fact>
        ))}
      </Card>
      <Card title={s.space}>
        <Fact name={s.stored}>{bytes(l.stored_bytes)}</Fact>
        <Fact name={s.free}>{l.free_bytes === null ? s.noTelling : bytes(l.free_bytes)}</Fact>
        <Fact name={s.memory}>{limit(l.memory_budget)}</Fact>
      </Card>
      <Card title={s.times}>
        <Fact name={s.failedHours}>{hours(l.failed_file_hours)}</Fact>
        <Fact name={s.abandonedHours}>{hours(l.abandoned_upload_hours)}</Fact>
        <Fact name={s.deprecatedHours}>{hours(l.deprecated_file_hours)}</Fact>
        <Fact name={s.stall}>{duration(l.stall_seconds)}</Fact>
        <Fact name={s.slow}>{limit(l.min_bytes_per_second)}/s</Fact>
      </Card>
      <Card title={s.checks}>
        <Fact name={s.formats}>{l.formats.join(', ')}</Fact>
        <Fact name={s.schemas}>{l.schemas.join(', ')}</Fact>
        <Fact name={s.promotion}>{l.manual_promotion ? s.manual : s.auto}</Fact>
        <Fact name={s.findings}>{num(l.max_findings)}</Fact>
        <Fact name={s.scanned}>{l.scanned ? s.scans.yes : s.scans.no}</Fact>
      </Card>
      <Card title={s.load}>
        <Fact name={s.uploads}>{num(l.max_concurrent_uploads)}</Fact>
        <Fact name={s.open}>{num(l.max_open_uploads)}</Fact>
      </Card>
    </>
  )
}

function Look() {
  const theme = useTheme()
  const shortcuts = shortcutsOn.use()
  return (
    <section className="card p-4">
      <fieldset>
        <legend className="font-semibold">{s.look}</legend>
        <p className="mt-2 text-sm text-ink2">{s.theme}</p>
        <div className="mt-1 flex flex-wrap gap-x-5 gap-y-1">
          {(Object.keys(s.themes) as Theme[]).map((th) => (
            <label key={th} className="flex min-h-8 items-center gap-2 text-sm">
              <input type="radio" name="theme" className="size-4 accent-[var(--accent)]" checked={theme === th} onChange={() => setTheme(th)} />
              {s.themes[th]}
            </label>
          ))}
        </div>
      </fieldset>
      <label className="mt-3 flex min-h-8 items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-[var(--accent)]" checked={shortcuts} onChange={(e) => setShortcuts(e.target.checked)} />
        {t.shell.shortcutsOn}
      </label>
    </section>
  )
}
