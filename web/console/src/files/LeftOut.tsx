import { RotateCw, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '../strings'
import { held, refused, tryHeld } from './intake'

const listed = 5

/** Files that were chosen and are not being sent: which, and why; on whatever page they were dropped. */
export function LeftOut() {
  const why = refused.use()
  const waiting = held.use()
  if (!why.length && !waiting) return null
  return (
    <div className="space-y-2 px-4 pt-4 md:px-6">
      {why.length > 0 && (
        <Notice
          action={
            <button className="ib" aria-label={t.common.close} onClick={() => refused.set([])}>
              <X size={16} aria-hidden />
            </button>
          }
        >
          <p className="font-medium text-amber">{t.files.refused(why.length)}</p>
          <ul className="mt-1 list-inside list-disc text-ink2">
            {why.slice(0, listed).map((w, i) => (
              <li key={i}>{w}</li>
            ))}
            {why.length > listed && <li>{t.files.refusedMore(why.length - listed)}</li>}
          </ul>
        </Notice>
      )}
      {waiting && (
        <Notice
          action={
            <button className="btn" onClick={() => void tryHeld()}>
              <RotateCw size={15} aria-hidden />
              {t.common.again}
            </button>
          }
        >
          <p className="font-medium text-amber">{t.files.held(waiting.chosen.length)}</p>
          <p className="text-ink2">{waiting.why}</p>
        </Notice>
      )}
    </div>
  )
}

function Notice({ children, action }: { children: ReactNode; action: ReactNode }) {
  return (
    <div role="alert" className="card flex items-start gap-3 border-amber py-3 pr-2 pl-4 text-sm">
      <div className="min-w-0 flex-1">{children}</div>
      {action}
    </div>
  )
}
