import type { AuditQuery, AuditRow } from '@freshet/client'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { CircleCheck, CircleX, Download } from 'lucide-react'
import { ago, moment, num } from '../format'
import { client } from '../state/app'
import { projectsQuery } from '../state/queries'
import { everywhere } from '../state/rights'
import { who } from '../state/steps'
import { useRights } from '../state/who'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'
import { plain, Text } from '../ui/Text'
import { Filters } from './Filters'

const from = '/audit'
const words = t.audit

/** Who did what, read what and was refused what, from where. */
export default function Audit() {
  const { may, project } = useRights()
  const { of, ...filters } = useSearch({ from })
  const admin = may('admin')
  const all = may('admin', everywhere)
  const several = (useQuery({ ...projectsQuery, enabled: admin }).data?.length ?? 0) > 1
  // without another to tell it from, a project is all that there is, and what is of the server as well
  const query: AuditQuery = { ...filters, project: all && (of === 'all' || !several) ? '' : project }
  const pages = useInfiniteQuery({
    queryKey: ['audit', query],
    queryFn: ({ pageParam, signal }) => client.audit({ ...query, limit: 100, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    enabled: admin,
  })
  if (!admin) return <div className="page"><h1 className="title">{words.title}</h1><div className="card mt-4"><Instead>{t.keys.notYours}</Instead></div></div>
  const rows = pages.data?.pages.flatMap((p) => p.rows) ?? []
  const head = pages.data?.pages[0]?.head
  return (
    <div className="page space-y-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <h1 className="title">{words.title}</h1>
          <p className="mt-1 text-ink2">{words.intro}</p>
        </div>
        <a className="btn" href={client.auditUrl(query)} download="audit.ndjson">
          <Download size={15} aria-hidden />
          {words.export}
        </a>
      </div>
      <Filters key={JSON.stringify(filters)} projects={all && several} project={project} />
      <section className="card overflow-hidden" aria-label={words.title}>
        {pages.isError ? (
          <Failed what={words.what} error={pages.error} again={() => void pages.refetch()} />
        ) : pages.isPending ? (
          <Waiting rows={10} height={56} />
        ) : rows.length ? (
          <Rows rows={rows} several={query.project === '' && several} />
        ) : Object.values(filters).some(Boolean) ? (
          <None />
        ) : (
          <Instead>{words.empty}</Instead>
        )}
      </section>
      {pages.hasNextPage && (
        <button className="btn mx-auto flex" onClick={() => void pages.fetchNextPage()} aria-disabled={pages.isFetchingNextPage}>
          {t.activity.more}
        </button>
      )}
      {head && <p className="num text-xs text-ink2">{words.head(num(head.size), moment(head.at))}</p>}
    </div>
  )
}

function None() {
  const navigate = useNavigate({ from })
  return <Instead action={{ label: words.clear, run: () => void navigate({ search: (s) => ({ of: s.of }) }) }}>{words.noMatch}</Instead>
}

const columns = 'md:grid-cols-[104px_minmax(0,180px)_minmax(0,150px)_minmax(0,1fr)_minmax(0,150px)]'

function Rows({ rows, several }: { rows: AuditRow[]; several: boolean }) {
  return (
    <>
      <div className={`hidden gap-x-5 border-b border-line bg-sunken px-4 py-1.5 text-xs font-medium text-ink2 md:grid ${columns}`} aria-hidden>
        {words.columns.map((c) => (
          <span key={c}>{c}</span>
        ))}
      </div>
      <ol className="divide-y divide-line">
        {rows.map((r) => (
          <Row key={r.number} r={r} several={several} />
        ))}
      </ol>
    </>
  )
}

function Row({ r, several }: { r: AuditRow; several: boolean }) {
  const { may } = useRights()
  return (
    <li className={`grid grid-cols-[minmax(0,1fr)_auto] gap-x-5 gap-y-0.5 px-4 py-2.5 ${columns}`}>
      <time dateTime={r.at} title={moment(r.at)} className="num text-sm leading-6 text-ink2 max-md:order-2">
        {ago(r.at)}
      </time>
      <span className="min-w-0 text-sm max-md:order-3 max-md:col-span-2">
        <Only by={{ actor: r.actor }}>{who(r.actor)}</Only>
        {r.source && <span className="block truncate text-xs text-ink3">{t.activity.from(plain(r.source))}</span>}
      </span>
      <span className="min-w-0 text-sm font-medium max-md:order-1">
        <Only by={{ action: r.action }}>{t.activity.actions[r.action] ?? words.actions[r.action] ?? r.action}</Only>
      </span>
      <span className="min-w-0 text-sm max-md:order-4 max-md:col-span-2">
        <Thing object={r.object} />
        {r.action === 'delete' && r.result === 'ok' && isFile.test(r.object) && may('read', r.project) && (
          <Link to="/files/$id" params={{ id: r.object }} className="link block w-fit text-xs leading-6">
            {t.detail.certificate.title}
          </Link>
        )}
        {r.detail && (
          <span className="block text-xs break-words text-ink2">
            <Text>{r.detail}</Text>
          </span>
        )}
        <details className="text-xs text-ink3">
          <summary className="num min-h-6 w-fit leading-6">{words.row(num(r.number))}</summary>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 pb-1">
            <dt>{words.time}</dt>
            <dd className="num">{moment(r.at)}</dd>
            <dt>{words.request}</dt>
            <dd className="font-mono break-all">{r.request_id ? plain(r.request_id) : '–'}</dd>
            <dt>{words.hash}</dt>
            <dd className="font-mono break-all">{r.hash}</dd>
          </dl>
        </details>
      </span>
      <span className="min-w-0 text-sm max-md:order-5 max-md:col-span-2">
        <Result of={r.result} />
        {several && <span className="block truncate text-xs text-ink2">{r.project === everywhere ? words.server : r.project}</span>}
      </span>
    </li>
  )
}

/** A value that narrows the list to its like. */
function Only({ by, children }: { by: Partial<AuditQuery>; children: string }) {
  return (
    <Link to={from} search={(s) => ({ ...s, ...by })} className="inline-block max-w-full min-w-6 truncate align-top leading-6 hover:text-accent hover:underline" title={plain(Object.values(by)[0] as string)}>
      <Text>{children}</Text>
    </Link>
  )
}

const isFile = /^file_[0-9a-f]{32}$/

function Thing({ object }: { object: string }) {
  if (!object) return <span className="leading-6 text-ink3">–</span>
  const text = (
    <span className="inline-block font-mono text-xs leading-6 break-all">
      <Text>{object}</Text>
    </span>
  )
  if (!isFile.test(object)) return text
  return (
    <Link to="/files/$id" params={{ id: object }} search={{ tab: 'history' }} className="inline-block min-h-6 hover:text-accent hover:underline">
      {text}
    </Link>
  )
}

function Result({ of }: { of: string }) {
  const fine = of === 'ok'
  const Icon = fine ? CircleCheck : CircleX
  return (
    <Link to={from} search={(s) => ({ ...s, result: of })} className={`inline-flex max-w-full items-start gap-1 leading-6 hover:underline ${fine ? 'text-green' : 'text-red'}`}>
      <Icon size={14} className="mt-[5px] shrink-0" aria-hidden />
      <span className="min-w-0 break-words">{fine ? words.ok : plain(of)}</span>
    </Link>
  )
}
