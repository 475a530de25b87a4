import type { Key } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { ago, date } from '../format'
import { cache, client } from '../state/app'
import { sessionQuery } from '../state/queries'
import { who } from '../state/steps'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Confirm } from '../ui/Confirm'
import { complain } from '../ui/Say'
import { Failed, Instead, Waiting } from '../ui/State'
import { plain, Text } from '../ui/Text'
import { Make } from './Make'

/** The keys that programs and people sign in with. */
export default function Keys() {
  const session = useQuery(sessionQuery)
  const admin = useMay('admin')
  const keys = useQuery({ queryKey: ['keys'], queryFn: ({ signal }) => client.keys.list(signal), enabled: admin })
  const [making, setMaking] = useState(false)
  return (
    <div className="page space-y-4">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="title">{t.keys.title}</h1>
        {admin && (
          <button className="btn btn-p ml-auto" onClick={() => setMaking(true)}>
            <Plus size={16} aria-hidden />
            {t.keys.create}
          </button>
        )}
      </div>
      <p className="max-w-2xl text-ink2">{t.keys.intro}</p>
      {session.data && !session.data.keys_exist && <p className="card max-w-2xl border-amber bg-ambersoft px-4 py-3 text-sm text-amber">{t.keys.open}</p>}
      <section className="card overflow-hidden" aria-label={t.keys.title}>
        {!admin ? (
          <Instead>{t.keys.notYours}</Instead>
        ) : keys.isError ? (
          <Failed what={t.keys.what} error={keys.error} again={() => void keys.refetch()} />
        ) : keys.isPending ? (
          <Waiting rows={3} />
        ) : keys.data.length ? (
          <ul className="divide-y divide-line">
            {keys.data.map((k) => (
              <Row key={k.id} k={k} />
            ))}
          </ul>
        ) : (
          <Instead action={{ label: t.keys.create, run: () => setMaking(true) }}>{t.keys.empty}</Instead>
        )}
      </section>
      {making && <Make first={session.data?.keys_exist === false} onClose={() => setMaking(false)} />}
    </div>
  )
}

const nameOf = (k: Key) => plain(k.name || t.keys.unnamed)

type State = 'active' | 'expired' | 'revoked'

function stateOf(k: Key): State {
  if (k.revoked_time !== null) return 'revoked'
  return k.expires_time !== null && Date.parse(k.expires_time) <= Date.now() ? 'expired' : 'active'
}

const colors: Record<State, string> = { active: 'text-green', expired: 'text-amber', revoked: 'text-ink2' }

function Row({ k }: { k: Key }) {
  const [ending, setEnding] = useState(false)
  const state = stateOf(k)
  const revoke = async () => {
    try {
      await client.keys.revoke(k.id)
      await (k.current ? cache.resetQueries() : cache.invalidateQueries())
    } catch (error) {
      complain(error)
    }
  }
  const facts = [
    k.created_by ? t.keys.by(date(k.created_time), who(k.created_by)) : t.keys.byCommand(date(k.created_time)),
    t.keys.used(k.last_used ? ago(k.last_used) : t.keys.never),
    k.expires_time === null ? t.keys.endsNever : state === 'expired' ? t.keys.ended(date(k.expires_time)) : t.keys.ends(date(k.expires_time)),
  ]
  return (
    <li className="flex min-h-14 items-center gap-x-4 px-4 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
          <span className={`font-medium ${state === 'active' ? '' : 'text-ink3 line-through'}`}>
            <Text>{k.name || t.keys.unnamed}</Text>
          </span>
          {k.current && <span className="rounded-full bg-accentsoft px-2 py-0.5 text-xs text-accent">{t.keys.current}</span>}
          <span className={`text-xs font-medium ${colors[state]}`}>{t.keys.states[state]}</span>
        </p>
        <p className="text-sm text-ink2">
          {Object.entries(k.roles)
            .map(([of, role]) => t.keys.roleIn(t.roles[role] ?? role, of))
            .join(', ')}
          {k.scopes.length > 0 && ` · ${t.keys.only(k.scopes)}`}
        </p>
        <p className="num flex flex-wrap gap-x-3 text-xs text-ink2">
          <code className="font-mono">fsh_{k.id}_…</code>
          {facts.map((f) => (
            <span key={f}>
              <Text>{f}</Text>
            </span>
          ))}
        </p>
      </div>
      {state !== 'revoked' && (
        <button className="btn !h-8" aria-label={t.keys.revokeOf(nameOf(k))} onClick={() => setEnding(true)}>
          {t.keys.revoke}
        </button>
      )}
      {ending && (
        <Confirm
          title={t.keys.revokeTitle}
          text={`${t.keys.revokeText(nameOf(k))}${k.current ? ` ${t.keys.revokeSelf}` : ''}`}
          go={t.keys.revoke}
          run={() => void revoke()}
          onClose={() => setEnding(false)}
        />
      )}
    </li>
  )
}
