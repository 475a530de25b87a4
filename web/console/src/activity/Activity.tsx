import type { ActivityEvent } from '@freshet/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { ago, moment } from '../format'
import { client, events } from '../state/app'
import { did, moved, who } from '../state/steps'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'
import { plain, Text } from '../ui/Text'

/** Who did what to which file. */
export default function Activity() {
  const pages = useInfiniteQuery({
    queryKey: ['activity'],
    queryFn: ({ pageParam, signal }) => client.activity({ before: pageParam, limit: 100 }, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next_before ?? undefined,
  })
  const admin = useMay('admin')
  const all = pages.data?.pages.flatMap((p) => p.events) ?? []
  return (
    <div className="page space-y-4">
      <div>
        <h1 className="title">{t.activity.title}</h1>
        <p className="mt-1 text-ink2">
          {t.activity.intro}{' '}
          {admin && (
            <Link to="/audit" className="link">
              {t.activity.toAudit}
            </Link>
          )}
        </p>
      </div>
      <New newest={all[0]?.id ?? 0} show={() => void pages.refetch()} />
      <section className="card overflow-hidden" aria-label={t.activity.title}>
        {pages.isError ? (
          <Failed what={t.activity.what} error={pages.error} again={() => void pages.refetch()} />
        ) : pages.isPending ? (
          <Waiting rows={10} height={56} />
        ) : all.length ? (
          <ol className="divide-y divide-line">
            {all.map((e) => (
              <Step key={e.id} e={e} />
            ))}
          </ol>
        ) : (
          <Instead>{t.activity.empty}</Instead>
        )}
      </section>
      {pages.hasNextPage && (
        <button className="btn mx-auto flex" onClick={() => void pages.fetchNextPage()} aria-disabled={pages.isFetchingNextPage}>
          {t.activity.more}
        </button>
      )}
    </div>
  )
}

/** Steps that happened since the page was loaded; the list does not jump under the reader. */
function New({ newest, show }: { newest: number; show: () => void }) {
  const [n, setN] = useState(0)
  useEffect(() => {
    setN(0)
    if (!newest) return
    // steps come in the order of their ids; one may be told again
    let last = newest
    return events.subscribe('file', ({ event }) => {
      if (event.id <= last) return
      last = event.id
      setN((n) => n + 1)
    })
  }, [newest])
  if (!n) return null
  return (
    <button className="btn mx-auto flex" onClick={show}>
      {t.activity.fresh(n)}
    </button>
  )
}

function Step({ e }: { e: ActivityEvent }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-5 gap-y-0.5 px-4 py-3 md:grid-cols-[120px_160px_minmax(0,1fr)_240px]">
      <time dateTime={e.at} title={moment(e.at)} className="num text-sm text-ink2 max-md:order-2">
        {ago(e.at)}
      </time>
      <span className="text-sm font-medium">
        {did(e)}
        <span className="block text-xs font-normal text-ink2">{moved(e)}</span>
      </span>
      <span className="min-w-0 max-md:order-3 max-md:col-span-2">
        {e.original_name === null ? (
          // its page has its history, and the certificate of its deletion
          <Link to="/files/$id" params={{ id: e.file_id }} className="block truncate text-ink3 hover:text-accent hover:underline">
            {t.activity.gone} <span className="font-mono text-xs">{e.file_id}</span>
          </Link>
        ) : (
          <Link to="/files/$id" params={{ id: e.file_id }} className="block truncate font-medium hover:text-accent hover:underline">
            <Text>{e.original_name}</Text>
          </Link>
        )}
        {e.detail && (
          <span className="block truncate text-xs text-ink2">
            <Text>{e.detail}</Text>
          </span>
        )}
      </span>
      <span className="min-w-0 text-sm text-ink2 max-md:order-4 max-md:col-span-2">
        <span className="block truncate">{who(e.actor)}</span>
        {e.source && <span className="block truncate text-xs text-ink3">{t.activity.from(plain(e.source))}</span>}
      </span>
    </li>
  )
}
