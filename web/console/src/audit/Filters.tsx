import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../strings'

const from = '/audit'
const words = t.audit
const names = ['actor', 'action', 'object', 'result'] as const

/** Which rows are shown; what is chosen is in the address. */
export function Filters({ projects, project }: { projects: boolean; project: string }) {
  const { of, ...now } = useSearch({ from })
  const navigate = useNavigate({ from })
  const [draft, setDraft] = useState(now)
  const any = names.some((n) => now[n])
  return (
    <form
      className="flex flex-wrap items-end gap-x-3 gap-y-2"
      aria-label={words.filters}
      onSubmit={(e) => {
        e.preventDefault()
        void navigate({ search: { of, ...Object.fromEntries(names.map((n) => [n, draft[n]?.trim() || undefined])) } })
      }}
    >
      {names.map((n) => (
        <label key={n} className="min-w-0 flex-1 basis-36 text-xs text-ink2">
          {words.filter[n]}
          <input className="field mt-1 w-full" value={draft[n] ?? ''} placeholder={words.examples[n]} maxLength={1000} autoComplete="off" spellCheck={false} onChange={(e) => setDraft({ ...draft, [n]: e.target.value })} />
        </label>
      ))}
      {projects && (
        <label className="text-xs text-ink2">
          {t.shell.project}
          <select className="field mt-1 block" value={of ?? ''} onChange={(e) => void navigate({ search: (s) => ({ ...s, of: e.target.value || undefined }) })}>
            <option value="">{project}</option>
            <option value="all">{words.allProjects}</option>
          </select>
        </label>
      )}
      <button className="btn">{words.go}</button>
      {any && (
        <button type="button" className="btn" onClick={() => void navigate({ search: { of } })}>
          {words.clear}
        </button>
      )}
    </form>
  )
}
