import type { ListQuery, StoredFile } from '@freshet/client'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { num } from '../format'
import { limitsQuery, listQuery, pageSize } from '../state/queries'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'
import { columns, FileRow } from './FileRow'

type Chip = keyof typeof t.files.chips

/** What each filter asks for, and which of the counts is its own. */
const chips: Record<Chip, { query: Pick<ListQuery, 'status' | 'verdict'>; counts: string[] | null }> = {
  all: { query: {}, counts: null },
  uploading: { query: { status: 'uploading' }, counts: ['uploading'] },
  processing: { query: { status: 'processing' }, counts: ['processing'] },
  ready: { query: { status: 'uploaded', verdict: 'passed' }, counts: ['uploaded'] },
  failed: { query: { status: 'failed' }, counts: ['failed'] },
  fresh: { query: { status: 'fresh' }, counts: ['fresh'] },
  used: { query: { status: 'used' }, counts: ['used'] },
  archived: { query: { status: 'archived' }, counts: ['archived'] },
  deprecated: { query: { status: 'deprecated' }, counts: ['deprecated'] },
  quarantined: { query: { status: 'quarantined' }, counts: ['quarantined'] },
}
const isChip = (s: string | undefined): s is Chip => s !== undefined && s in chips

const narrow = matchMedia('(max-width: 767px)')

function useNarrow() {
  const [is, set] = useState(narrow.matches)
  useEffect(() => {
    const f = () => set(narrow.matches)
    narrow.addEventListener('change', f)
    return () => narrow.removeEventListener('change', f)
  }, [])
  return is
}

export function List() {
  const search = useSearch({ strict: false })
  const navigate = useNavigate({ from: '/' })
  const chip: Chip = isChip(search.status) ? search.status : 'all'
  const query: ListQuery = { ...chips[chip].query, q: search.q, dataType: search.type, sort: search.sort }
  const first = useQuery(listQuery(query, 0))
  const filtered = chip !== 'all' || !!search.q || !!search.type
  const mayUpload = useMay('upload')
  const clear = () => void navigate({ search: {}, replace: true })
  return (
    <section aria-label={t.files.all} className="card flex min-h-[300px] flex-1 flex-col overflow-hidden max-md:h-[620px] max-md:flex-none">
      <Filters chip={chip} counts={first.data?.by_status} />
      <div className={`hidden gap-x-5 border-b border-line bg-sunken px-4 py-1.5 text-xs font-medium text-ink2 md:grid ${columns}`} aria-hidden>
        <span>{t.files.columns.name}</span>
        <span>{t.files.columns.status}</span>
        <span className="text-right">{t.files.columns.records}</span>
        <span className="text-right">{t.files.columns.findings}</span>
        <span className="text-right">{t.files.columns.size}</span>
        <span>{t.files.columns.updated}</span>
        <span />
      </div>
      {first.data ? (
        first.data.total_count > 0 ? (
          <Rows key={JSON.stringify(query)} query={query} total={first.data.total_count} />
        ) : filtered ? (
          <Instead action={{ label: t.files.clear, run: clear }}>{t.files.noMatch}</Instead>
        ) : mayUpload ? (
          <Instead action={{ label: t.files.choose, run: () => document.getElementById('choose')?.click() }}>{t.files.empty}</Instead>
        ) : (
          <Instead>{t.files.none}</Instead>
        )
      ) : first.isError ? (
        <Failed what={t.files.what} error={first.error} again={() => void first.refetch()} />
      ) : (
        <Waiting rows={8} />
      )}
    </section>
  )
}

function Filters({ chip, counts }: { chip: Chip; counts: Record<string, number> | undefined }) {
  const search = useSearch({ strict: false })
  const navigate = useNavigate({ from: '/' })
  const limits = useQuery(limitsQuery)
  // not all that were uploaded have passed
  const ready = useQuery({ ...listQuery({ ...chips.ready.query, q: search.q, dataType: search.type }, 0), enabled: (counts?.uploaded ?? 0) > 0 }).data?.total_count ?? 0
  const count = (c: Chip) => (c === 'ready' && counts ? ready : counts ? (chips[c].counts ?? Object.keys(counts)).reduce((n, s) => n + (counts[s] ?? 0), 0) : null)
  const shown = (Object.keys(chips) as Chip[]).filter((c) => c === 'all' || c === 'failed' || c === 'fresh' || c === chip || (count(c) ?? 0) > 0)
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-2 py-2">
      <div className="flex min-w-0 items-center gap-1 overflow-x-auto" role="group" aria-label={t.files.filter}>
        {shown.map((c) => (
          <button
            key={c}
            aria-pressed={chip === c}
            onClick={() => void navigate({ search: (s) => ({ ...s, status: c === 'all' ? undefined : c }) })}
            className={`num h-8 shrink-0 rounded-md px-2.5 text-sm font-medium ${chip === c ? 'bg-accentsoft text-accent' : 'text-ink2 hover:bg-sunken'}`}
          >
            {t.files.chips[c]} <span className={chip === c ? '' : 'text-ink3'}>{count(c) === null ? '' : num(count(c)!)}</span>
          </button>
        ))}
      </div>
      <div className="ml-auto flex gap-2 max-md:ml-0 max-md:w-full">
        <select className="field !h-8 max-md:flex-1" aria-label={t.files.type} value={search.type ?? ''} onChange={(e) => void navigate({ search: (s) => ({ ...s, type: e.target.value || undefined }) })}>
          <option value="">{t.files.anyType}</option>
          {[...new Set([...(limits.data?.data_types ?? []), ...(search.type ? [search.type] : [])])].map((d) => (
            <option key={d}>{d}</option>
          ))}
        </select>
        <select className="field !h-8 max-md:flex-1" aria-label={t.files.sort} value={search.sort ?? '-upload_time'} onChange={(e) => void navigate({ search: (s) => ({ ...s, sort: e.target.value === '-upload_time' ? undefined : e.target.value }) })}>
          {Object.entries(t.files.sorts).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
    </div>
  )
}

/** Rows of any number: only those in sight are there, and only their pages are loaded. */
function Rows({ query, total }: { query: ListQuery; total: number }) {
  const box = useRef<HTMLDivElement>(null)
  const navigate = useNavigate({ from: '/' })
  const [current, setCurrent] = useState(0)
  const height = useNarrow() ? 76 : 52
  const virtual = useVirtualizer({ count: total, getScrollElement: () => box.current, estimateSize: () => height, overscan: 6 })
  useEffect(() => virtual.measure(), [virtual, height])
  const items = virtual.getVirtualItems()
  const pages = [...new Set(items.map((i) => Math.floor(i.index / pageSize)))]
  const loaded = useQueries({ queries: pages.map((p) => listQuery(query, p)) })
  const file = (i: number): StoredFile | undefined => {
    const page = loaded[pages.indexOf(Math.floor(i / pageSize))]
    return page?.isPlaceholderData ? undefined : page?.data?.files[i % pageSize]
  }
  const broken = loaded.find((l) => l.isError)
  const move = (to: number) => {
    const next = Math.min(total - 1, Math.max(0, to))
    setCurrent(next)
    virtual.scrollToIndex(next)
  }
  const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / height) - 1)
  const steps: Record<string, number> = { ArrowDown: current + 1, j: current + 1, ArrowUp: current - 1, k: current - 1, End: total - 1, Home: 0, PageDown: current + page, PageUp: current - page }
  const onKey = (e: KeyboardEvent) => {
    if (e.target !== box.current || e.ctrlKey || e.metaKey || e.altKey) return
    const to = steps[e.key]
    if (to !== undefined) {
      e.preventDefault()
      move(to)
    } else if (e.key === 'Enter') {
      const f = file(current)
      if (f) void navigate({ to: '/files/$id', params: { id: f.file_id } })
    }
  }
  useAnywhere(box)
  return (
    <div ref={box} tabIndex={0} role="grid" aria-label={t.files.title} aria-rowcount={total} aria-activedescendant={items.some((i) => i.index === current) ? `row-${current}` : undefined} onKeyDown={onKey} className="group min-h-0 flex-1 overflow-auto !outline-offset-[-2px]">
      {broken && <Failed what={t.files.what} error={broken.error} again={() => loaded.forEach((l) => l.isError && void l.refetch())} />}
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map((i) => {
          const f = file(i.index)
          // by the file, not its place: an open menu, or a question, is about that file though others come before it
          return <FileRow key={f?.file_id ?? i.key} index={i.index} top={i.start} height={i.size} current={current === i.index} file={f} pick={() => setCurrent(i.index)} />
        })}
      </div>
    </div>
  )
}

/** j and k take the focus to the list when nothing else has it. */
function useAnywhere(box: { current: HTMLElement | null }) {
  useEffect(() => {
    const f = (e: globalThis.KeyboardEvent) => {
      const free = document.activeElement === document.body || document.activeElement?.id === 'main'
      if (!free || (e.key !== 'j' && e.key !== 'k')) return
      box.current?.focus({ preventScroll: true })
      e.preventDefault()
    }
    addEventListener('keydown', f)
    return () => removeEventListener('keydown', f)
  }, [box])
}
