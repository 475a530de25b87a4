import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { historyQuery } from '../state/queries'
import { t } from '../strings'
import { History } from './History'

/** In place of a file that is not there: where to go, and what became of it. */
export function Missing({ id }: { id: string }) {
  const history = useQuery(historyQuery(id))
  const known = !!history.data?.events.length
  return (
    <div className="page space-y-4">
      <h1 className="title">{known ? t.detail.deleted : t.detail.missing}</h1>
      <p className="text-ink2">
        {known ? t.detail.deletedText : t.detail.missingText}{' '}
        <Link to="/" className="link">
          {t.common.home}
        </Link>
      </p>
      {known && (
        <>
          <h2 className="font-semibold">{t.detail.tabs.history}</h2>
          <History history={history} />
        </>
      )}
    </div>
  )
}
