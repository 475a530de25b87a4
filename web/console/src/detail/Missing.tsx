import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { historyQuery } from '../state/queries'
import { t } from '../strings'
import { Instead } from '../ui/State'
import { Certificate } from './Certificate'
import { History } from './History'

/** In place of a file that is not there: where to go, and what became of it. */
export function Missing({ id }: { id: string }) {
  const history = useQuery(historyQuery(id))
  const did = (action: string) => !!history.data?.events.some((e) => e.action === action)
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
      {did('delete') && (did('erase') ? <Certificate id={id} /> : <NotErased again={() => void history.refetch()} />)}
      {known && (
        <>
          <h2 className="font-semibold">{t.detail.tabs.history}</h2>
          <History history={history} />
        </>
      )}
    </div>
  )
}

/** There is a certificate once all bytes are gone: the history is loaded again when that is told, or by hand. */
function NotErased({ again }: { again: () => void }) {
  return (
    <section className="card" aria-label={t.detail.certificate.title}>
      <Instead action={{ label: t.detail.certificate.look, run: again }}>{t.detail.certificate.notErased}</Instead>
    </section>
  )
}
