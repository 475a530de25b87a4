import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { t } from '../strings'

/** There is no page at this address. */
export function Nowhere() {
  return (
    <div className="page text-center">
      <h1 className="title mt-16">{t.common.moved}</h1>
      <Link to="/" className="btn btn-p mt-6">
        {t.common.home}
      </Link>
    </div>
  )
}

/** A page broke. Uploads go on: they are not part of it. */
export function Broken({ error }: ErrorComponentProps) {
  return (
    <div className="page text-center" role="alert">
      <h1 className="title mt-16">{t.common.broken}</h1>
      <p className="mt-2 font-mono text-xs text-ink2">{error instanceof Error ? error.message : String(error)}</p>
      <button className="btn btn-p mt-6" onClick={() => location.reload()}>
        {t.common.reload}
      </button>
    </div>
  )
}
