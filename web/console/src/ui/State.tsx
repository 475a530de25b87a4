import type { ReactNode } from 'react'
import { t } from '../strings'

/** Blocks in the shape of the rows that are coming. */
export function Waiting({ rows = 6, height = 52 }: { rows?: number; height?: number }) {
  return (
    <div aria-busy="true" aria-label={t.common.loading} role="status">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="flex items-center border-b border-line px-4 last:border-0" style={{ height }}>
          <div className="h-3 rounded bg-sunken" style={{ width: `${65 - ((i * 13) % 30)}%` }} />
        </div>
      ))}
    </div>
  )
}

/** What a list shows in place of rows: one sentence and the next step. */
export function Instead({ children, action }: { children: ReactNode; action?: { label: string; run: () => void } }) {
  return (
    <p className="p-10 text-center text-ink2">
      {children}{' '}
      {action && (
        <button className="link" onClick={action.run}>
          {action.label}
        </button>
      )}
    </p>
  )
}

/** What happened, and how to go on. */
export function Failed({ what, error, again }: { what: string; error: unknown; again: () => void }) {
  return (
    <div role="alert" className="p-10 text-center text-ink2">
      <p>
        {t.common.failed(what)} {error instanceof Error ? error.message : ''}
      </p>
      <button className="btn mt-3" onClick={again}>
        {t.common.again}
      </button>
    </div>
  )
}
