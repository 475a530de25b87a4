import type { Key } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import { ago, date } from '../format'
import { cache, client } from '../state/app'
import { sessionQuery } from '../state/queries'
import { t } from '../strings'
import { Confirm } from '../ui/Confirm'
import { Copy } from '../ui/Copy'
import { Buttons, Dialog } from '../ui/Dialog'
import { complain } from '../ui/Say'
import { Failed, Instead, Waiting } from '../ui/State'
import { plain, Text } from '../ui/Text'

/** The keys that programs and people sign in with. */
export default function Keys() {
  const session = useQuery(sessionQuery)
  const keys = useQuery({ queryKey: ['keys'], queryFn: ({ signal }) => client.keys.list(signal) })
  const [making, setMaking] = useState(false)
  return (
    <div className="page space-y-4">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="title">{t.keys.title}</h1>
        <button className="btn btn-p ml-auto" onClick={() => setMaking(true)}>
          <Plus size={16} aria-hidden />
          {t.keys.create}
        </button>
      </div>
      <p className="max-w-2xl text-ink2">{t.keys.intro}</p>
      {session.data && !session.data.keys_exist && <p className="card max-w-2xl border-amber bg-ambersoft px-4 py-3 text-sm text-amber">{t.keys.open}</p>}
      <section className="card overflow-hidden" aria-label={t.keys.title}>
        {keys.isError ? (
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
      {making && <Make onClose={() => setMaking(false)} />}
    </div>
  )
}

const nameOf = (k: Key) => plain(k.name || t.keys.unnamed)

function Row({ k }: { k: Key }) {
  const [ending, setEnding] = useState(false)
  const revoked = k.revoked_time !== null
  const revoke = async () => {
    try {
      await client.keys.revoke(k.id)
      await (k.current ? cache.resetQueries() : cache.invalidateQueries())
    } catch (error) {
      complain(error)
    }
  }
  return (
    <li className="flex min-h-14 flex-wrap items-center gap-x-5 gap-y-1 px-4 py-2">
      <span className={`min-w-0 flex-1 basis-40 font-medium ${revoked ? 'text-ink3 line-through' : ''}`}>
        <Text>{k.name || t.keys.unnamed}</Text>
        {k.current && <span className="ml-2 rounded-full bg-accentsoft px-2 py-0.5 text-xs text-accent">{t.keys.current}</span>}
      </span>
      <code className="font-mono text-xs text-ink2">fsh_{k.id}_…</code>
      <span className="num w-40 text-xs text-ink2">
        {t.keys.columns.created} {date(k.created_time)}
      </span>
      <span className="num w-40 text-xs text-ink2">
        {t.keys.columns.used} {k.last_used ? ago(k.last_used) : t.keys.never}
      </span>
      <span className={`w-16 text-xs font-medium ${revoked ? 'text-ink2' : 'text-green'}`}>{revoked ? t.keys.revoked : t.keys.active}</span>
      <span className="w-20 text-right">
        {!revoked && (
          <button className="btn !h-8" aria-label={t.keys.revokeOf(nameOf(k))} onClick={() => setEnding(true)}>
            {t.keys.revoke}
          </button>
        )}
      </span>
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

/** Asks for a name, then shows the key, once. */
function Make({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [error, setError] = useState('')
  const [key, setKey] = useState<string | null>(null)
  const busy = useRef(false)
  const submit = async () => {
    if (!name.trim()) return setError(t.keys.nameNeeded)
    if (busy.current) return
    busy.current = true
    try {
      setKey((await client.keys.create(name.trim())).key)
      void cache.invalidateQueries({ queryKey: ['keys'] })
      void cache.invalidateQueries({ queryKey: ['session'] })
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e))
      busy.current = false
    }
  }
  if (key !== null) {
    return (
      <Dialog key="made" title={t.keys.made} wide>
        <p className="text-sm text-ink2">{t.keys.once}</p>
        <p className="mt-3 flex items-center gap-2 rounded-lg border border-line bg-sunken px-3 py-2">
          <code className="min-w-0 flex-1 font-mono text-sm break-all" data-key>
            {key}
          </code>
          <Copy text={key} label={t.common.copy} />
        </p>
        <Buttons>
          <button className="btn btn-p" onClick={onClose}>
            {t.keys.stored}
          </button>
        </Buttons>
      </Dialog>
    )
  }
  return (
    <Dialog title={t.keys.create} onClose={onClose}>
      <form
        onSubmit={(e) => {
          e.preventDefault()
          void submit()
        }}
      >
        <label className="block text-sm font-medium">
          {t.keys.name}
          <input className="field mt-1 block w-full" value={name} maxLength={200} autoFocus aria-invalid={error !== ''} aria-describedby="name-hint name-error" onChange={(e) => (setName(e.target.value), setError(''))} />
        </label>
        <p id="name-hint" className="mt-1 text-xs text-ink2">
          {t.keys.nameHint}
        </p>
        <p id="name-error" role="alert" className="mt-1 text-sm text-red empty:hidden">
          {error}
        </p>
        <Buttons>
          <button type="button" className="btn" onClick={onClose}>
            {t.common.cancel}
          </button>
          <button className="btn btn-p">{t.keys.create}</button>
        </Buttons>
      </form>
    </Dialog>
  )
}
