import type { RuleSetVersion } from '@freshet/client'
import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { ago, moment, num } from '../format'
import { who } from '../state/steps'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Failed, Waiting } from '../ui/State'

/** What the address says of a set that has no name yet; no name is written so. */
export const unnamed = '+'

export function SetList({ sets, open }: { sets: UseQueryResult<RuleSetVersion[]>; open: string | undefined }) {
  return (
    <section className="card overflow-hidden" aria-labelledby="sets">
      <h2 id="sets" className="border-b border-line px-4 py-3 font-semibold">
        {t.rules.sets}
      </h2>
      {sets.data ? (
        <ul className="max-h-96 overflow-y-auto">
          {sets.data.map((s) => (
            <li key={s.name}>
              <Link
                to="/rules"
                search={(now) => ({ file: now.file, set: s.name })}
                aria-current={s.name === open ? 'true' : undefined}
                title={moment(s.created_time)}
                className={`block px-4 py-2 -outline-offset-2 ${s.name === open ? 'bg-accentsoft' : 'hover:bg-sunken'}`}
              >
                <span className={`block truncate text-sm font-medium ${s.name === open ? 'text-accent' : ''}`}>{s.name}</span>
                <span className="num block truncate text-xs text-ink2">{t.rules.made(num(s.version), who(s.created_by), ago(s.created_time))}</span>
              </Link>
            </li>
          ))}
        </ul>
      ) : sets.error ? (
        <Failed what={t.rules.what} error={sets.error} again={() => void sets.refetch()} />
      ) : (
        <Waiting rows={3} />
      )}
      {useMay('rules') && (
        <div className="border-t border-line p-2">
          <Link to="/rules" search={(now) => ({ file: now.file, set: unnamed })} className="btn w-full" aria-current={open === unnamed ? 'true' : undefined}>
            <Plus size={15} aria-hidden />
            {t.rules.create}
          </Link>
        </div>
      )}
    </section>
  )
}
