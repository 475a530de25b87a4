import { FreshetError, type StoredFile } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Link, Navigate, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useEffect } from 'react'
import { num } from '../format'
import { show } from '../state/app'
import { fileQuery, historyQuery, reportQuery } from '../state/queries'
import { shown } from '../state/rights'
import { useRights } from '../state/who'
import { t } from '../strings'
import { Failed, Waiting } from '../ui/State'
import { Panel, Tabs, type Tab } from '../ui/Tabs'
import { plain, Text } from '../ui/Text'
import { Arriving } from './Arriving'
import { Checks } from './Checks'
import { Fields } from './Fields'
import { useFollow, useGone } from './follow'
import { Header } from './Header'
import { History } from './History'
import { Missing } from './Missing'
import { Notices } from './Notices'
import { Rail } from './Rail'
import { rail } from './stops'
import { Records } from './Records'

const from = '/files/$id'

/** Everything that is known of one file. */
export default function Detail() {
  const { id } = useParams({ from })
  const file = useQuery(fileQuery(id))
  useGone(id)
  if (file.error instanceof FreshetError && file.error.status === 404) return <Missing id={id} />
  if (file.isPending) return <Loading />
  if (!file.data) return <div className="page"><div className="card"><Failed what={t.detail.what} error={file.error} again={() => void file.refetch()} /></div></div>
  const own = file.data.duplicate_of
  if (own && own !== id) return <Navigate to={from} params={{ id: own }} replace />
  return <Loaded key={file.data.file_id} file={file.data} />
}

function Crumbs({ name }: { name: string }) {
  return (
    <nav aria-label={t.detail.crumbs} className="flex min-w-0 items-center gap-1 text-sm text-ink2">
      <Link to="/" className="inline-flex min-h-6 items-center hover:text-ink hover:underline">
        {t.files.title}
      </Link>
      <ChevronRight size={14} className="shrink-0" aria-hidden />
      <span className="truncate" aria-current="page">
        <Text>{name}</Text>
      </span>
    </nav>
  )
}

function Loading() {
  return (
    <div className="page space-y-4">
      <div className="h-5 w-40 rounded bg-sunken" />
      <div className="h-8 w-80 max-w-full rounded bg-sunken" />
      <div className="card"><Waiting rows={1} height={80} /></div>
      <div className="card"><Waiting /></div>
    </div>
  )
}

const names = ['checks', 'fields', 'records', 'history']

function Loaded({ file }: { file: StoredFile }) {
  const id = file.file_id
  const { tab, rule, line } = useSearch({ from })
  const navigate = useNavigate({ from })
  const live = useFollow(file)
  const report = useQuery(reportQuery(id))
  const history = useQuery(historyQuery(id))
  const { may, who } = useRights()
  const reads = may('download', file.project) && file.status !== 'quarantined'
  const open = tab && names.includes(tab) && (tab !== 'records' || reads) ? tab : 'checks'
  const name = plain(file.original_name)
  useEffect(() => {
    document.title = t.detail.pageTitle(name)
  }, [name])
  // a link led to a file of another project: that is the one to show then
  const home = shown(who, file.project)
  useEffect(() => show(home), [home])
  const errors = live?.errors_found ?? report.data?.errors ?? file.errors_found
  const tabs: Tab[] = [
    { id: 'checks', label: t.detail.tabs.checks, count: errors ? num(errors) : undefined },
    { id: 'fields', label: t.detail.tabs.fields, count: report.data?.fields.length ? num(report.data.fields.length) : undefined },
    ...(reads ? [{ id: 'records', label: t.detail.tabs.records }] : []),
    { id: 'history', label: t.detail.tabs.history },
  ]
  const look = (tab: string) => void navigate({ search: (s) => ({ ...s, tab }), replace: true })
  return (
    <div className="page space-y-4">
      <Crumbs name={file.original_name} />
      <Header file={file} report={report.data} live={live} />
      <Notices file={file} />
      <section className="card px-4 py-3.5" aria-label={t.detail.rail.label}>
        <Rail stops={rail(file, history.data?.events ?? [], report.data, live)} />
        {live && <Arriving file={file} live={live} />}
      </section>
      <Tabs label={t.detail.tabs.label} value={open} onChange={look} tabs={tabs}>
        <Panel id="checks">
          <Checks file={file} report={report} which={rule} onWhich={(rule) => void navigate({ search: (s) => ({ ...s, rule }), replace: true })} onFields={() => look('fields')} />
        </Panel>
        <Panel id="fields">
          <Fields file={file} report={report} />
        </Panel>
        {reads && (
          <Panel id="records">
            <Records file={file} report={report.data} line={line ?? 1} onLine={(line) => void navigate({ search: (s) => ({ ...s, tab: 'records', line }) })} />
          </Panel>
        )}
        <Panel id="history">
          <History history={history} />
        </Panel>
      </Tabs>
    </div>
  )
}
