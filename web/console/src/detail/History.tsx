import type { History as Steps } from '@freshet/client'
import type { UseQueryResult } from '@tanstack/react-query'
import { moment } from '../format'
import { did, moved, who } from '../state/steps'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'
import { plain, Text } from '../ui/Text'

const words = t.detail.history

/** Who did what to the file, oldest first. */
export function History({ history }: { history: UseQueryResult<Steps> }) {
  if (!history.data) return <div className="card">{history.error ? <Failed what={words.what} error={history.error} again={() => void history.refetch()} /> : <Waiting />}</div>
  if (!history.data.events.length) return <div className="card"><Instead>{words.none}</Instead></div>
  return (
    <div className="card overflow-hidden">
      <h2 className="sr-only">{t.detail.tabs.history}</h2>
      <ol className="divide-y divide-line">
        {history.data.events.map((e) => (
          <li key={e.id} className="grid gap-x-4 px-4 py-2.5 md:grid-cols-[190px_150px_minmax(0,1fr)]">
            <time dateTime={e.at} className="num text-xs leading-5 text-ink2">
              {moment(e.at)}
            </time>
            <span className="text-xs leading-5 text-ink2">
              <Text>{who(e.actor)}</Text>
              {e.source && <span className="block text-ink3">{t.activity.from(plain(e.source))}</span>}
            </span>
            <div className="min-w-0">
              <p className="flex flex-wrap items-baseline gap-x-2 text-sm font-medium">
                {did(e)}
                <span className="text-xs font-normal text-ink3">{moved(e)}</span>
              </p>
              {e.detail && (
                <p className="text-xs text-ink2">
                  <Text>{e.detail}</Text>
                </p>
              )}
            </div>
          </li>
        ))}
      </ol>
    </div>
  )
}
