import type { KeyRequest } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { cache, client } from '../state/app'
import { projectsQuery } from '../state/queries'
import { everywhere, may, roleIn, roles, table, type Right, type Role } from '../state/rights'
import { useRights } from '../state/who'
import { t } from '../strings'
import { Copy } from '../ui/Copy'
import { Buttons, Dialog, FormEnd } from '../ui/Dialog'

const words = t.keys.make
const day = 86_400_000

/** After how many days a key ends; 0: never. */
const ends = [30, 90, 365, 0]

/** Asks what a key is for and what it may, then shows it, once. The first one is an administrator's, who makes the others. */
export function Make({ first, onClose }: { first: boolean; onClose: () => void }) {
  const { who, project } = useRights()
  const projects = useQuery(projectsQuery).data ?? []
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('uploader')
  const [where, setWhere] = useState<readonly string[]>([project])
  const [scopes, setScopes] = useState<readonly Right[]>([])
  const [days, setDays] = useState(90)
  const [error, setError] = useState('')
  const [key, setKey] = useState<string | null>(null)
  const busy = useRef(false)

  const wholly = may(who, everywhere, 'admin')
  const mine = [...projects.map((p) => p.name).filter((p) => may(who, p, 'admin')), ...(wholly ? [everywhere] : [])]
  // no key may more than who makes it
  const allowed = table[role].filter((r) => !who.scopes.length || who.scopes.includes(r))
  const offered = roles.filter((r) => where.every((p) => roles.indexOf(r) <= roles.indexOf(roleIn(who, p) ?? 'viewer')))

  const submit = async () => {
    if (!name.trim()) return setError(t.keys.nameNeeded)
    if (!where.length) return setError(words.whereNeeded)
    if (busy.current) return
    busy.current = true
    try {
      setKey((await client.keys.create(first ? { name: name.trim() } : request())).key)
      void cache.invalidateQueries({ queryKey: ['keys'] })
      void cache.invalidateQueries({ queryKey: ['session'] })
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e))
      busy.current = false
    }
  }
  const request = (): KeyRequest => {
    const only = scopes.filter((s) => allowed.includes(s))
    return {
      name: name.trim(),
      roles: Object.fromEntries(where.map((p) => [p, role])),
      ...(only.length ? { scopes: only } : {}),
      ...(days ? { expires_time: new Date(Date.now() + days * day).toISOString() } : {}),
    }
  }
  const toggle = <T,>(list: readonly T[], one: T) => (list.includes(one) ? list.filter((x) => x !== one) : [...list, one])

  if (key !== null) return <Made made={key} onClose={onClose} />
  return (
    <Dialog title={t.keys.create} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(e) => {
          e.preventDefault()
          void submit()
        }}
      >
        <div>
          <label className="block text-sm font-medium">
            {t.keys.name}
            <input className="field mt-1 block w-full" value={name} maxLength={200} autoFocus aria-invalid={error !== ''} aria-describedby="name-hint make-error" onChange={(e) => (setName(e.target.value), setError(''))} />
          </label>
          <p id="name-hint" className="mt-1 text-xs text-ink2">
            {t.keys.nameHint}
          </p>
        </div>
        {first ? (
          <p className="text-sm text-ink2">{words.first}</p>
        ) : (
          <>
            <div>
              <label className="block text-sm font-medium">
                {words.role}
                <select className="field mt-1 block w-full" value={role} onChange={(e) => setRole(e.target.value as Role)} aria-describedby="role-hint">
                  {offered.map((r) => (
                    <option key={r} value={r}>
                      {t.roles[r]}
                    </option>
                  ))}
                </select>
              </label>
              <p id="role-hint" className="mt-1 text-xs text-ink2">
                {words.roleHints[role]}
              </p>
            </div>
            {mine.length > 1 && (
              <Ticks legend={words.where} all={mine} ticked={where} label={(p) => (p === everywhere ? words.everywhere : p)} change={(p) => (setWhere(toggle(where, p)), setError(''))} />
            )}
            <details>
              <summary className="min-h-6 w-fit text-sm font-medium">{words.scopes}</summary>
              <Ticks legend={words.scopesHint} all={allowed} ticked={scopes} label={(s) => `${s}: ${words.rights[s]}`} change={(s) => setScopes(toggle(scopes, s))} />
            </details>
            <label className="block text-sm font-medium">
              {words.ends}
              <select className="field mt-1 block w-full" value={days} onChange={(e) => setDays(Number(e.target.value))}>
                {ends.map((d) => (
                  <option key={d} value={d}>
                    {d ? words.after(d) : words.never}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
        <FormEnd go={t.keys.create} wrong={error} id="make-error" onClose={onClose} />
      </form>
    </Dialog>
  )
}

function Ticks<T extends string>({ legend, all, ticked, label, change }: { legend: string; all: readonly T[]; ticked: readonly T[]; label: (one: T) => string; change: (one: T) => void }) {
  return (
    <fieldset>
      <legend className="text-sm text-ink2">{legend}</legend>
      <div className="mt-1 max-h-40 overflow-y-auto">
        {all.map((one) => (
          <label key={one} className="flex min-h-8 items-center gap-2 text-sm">
            <input type="checkbox" className="size-4 shrink-0 accent-[var(--accent)]" checked={ticked.includes(one)} onChange={() => change(one)} />
            {label(one)}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function Made({ made, onClose }: { made: string; onClose: () => void }) {
  return (
    <Dialog key="made" title={t.keys.made} wide>
      <p className="text-sm text-ink2">{t.keys.once}</p>
      <p className="mt-3 flex items-center gap-2 rounded-lg border border-line bg-sunken px-3 py-2">
        <code className="min-w-0 flex-1 font-mono text-sm break-all" data-key>
          {made}
        </code>
        <Copy text={made} label={t.common.copy} />
      </p>
      <Buttons>
        <button className="btn btn-p" onClick={onClose}>
          {t.keys.stored}
        </button>
      </Buttons>
    </Dialog>
  )
}
