import type { Project } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { bytes } from '../format'
import { asked, step } from '../state/actions'
import { client, show } from '../state/app'
import { project } from '../state/project'
import { projectsQuery } from '../state/queries'
import { t } from '../strings'
import { Confirm } from '../ui/Confirm'
import { OneField } from '../ui/OneField'
import { Failed, Waiting } from '../ui/State'

const s = t.settings.projects

/** All projects, for who may make and end them: an administrator of everywhere. */
export function Projects() {
  // what a project owns changes by the minute, and tells whether it can be deleted
  const all = useQuery({ ...projectsQuery, refetchOnMount: 'always' })
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState('')
  return (
    <section className="card p-4">
      <div className="flex items-start justify-between gap-3">
        <h2 className="font-semibold">{s.title}</h2>
        <button className="btn !h-8" onClick={() => setMaking(true)}>
          <Plus size={15} aria-hidden />
          {s.make.go}
        </button>
      </div>
      {all.data && <p className="num mt-1 text-xs text-ink2">{s.hint(all.data.length)}</p>}
      {all.data ? (
        <ul className="mt-2 max-h-72 divide-y divide-line overflow-y-auto" tabIndex={all.data.length > 6 ? 0 : undefined} aria-label={s.title}>
          {all.data.map((p) => (
            <li key={p.name} className="flex min-h-11 items-center justify-between gap-3 py-1 text-sm">
              <span className="min-w-0">
                <span className="block font-medium break-words">{p.name}</span>
                <span className="num block text-xs text-ink2">{owns(p)}</span>
              </span>
              {mayEnd(p) && (
                <button className="ib" aria-label={s.removeOf(p.name)} onClick={() => setEnding(p.name)}>
                  <Trash2 size={16} aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      ) : all.isError ? (
        <Failed what={s.what} error={all.error} again={() => void all.refetch()} />
      ) : (
        <Waiting rows={2} height={44} />
      )}
      {making && <OneField words={s.make} maxLength={64} run={make} onClose={() => setMaking(false)} />}
      {ending && <Confirm title={s.removeTitle(ending)} text={s.removeText} go={t.common.remove} run={() => void end(ending)} onClose={() => setEnding('')} />}
    </section>
  )
}

const make = (name: string) => {
  // no address has it: the browser takes these for the folder, and the one above
  if (name === '.' || name === '..') throw new Error(s.make.hint)
  return asked(() => client.projects.create(name), s.made(name))
}

const end = (name: string) =>
  step(async () => {
    await client.projects.delete(name)
    if (project.get() === name) show('') // there is nothing of it to see
  }, s.removed(name))

/** What a project owns keeps it; the first one is always there. */
const mayEnd = (p: Project) => p.name !== 'default' && !p.files && !p.open_uploads

function owns(p: Project): string {
  if (!p.files && !p.open_uploads) return s.nothing
  return [s.files(p.files), bytes(p.bytes), p.open_uploads > 0 && s.open(p.open_uploads)].filter(Boolean).join(' · ')
}
