import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ruleSetQuery, ruleSetsQuery } from '../state/queries'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'
import { Editor } from './Editor'
import { Reference } from './Reference'
import { SetList, unnamed } from './SetList'

const from = '/rules'

/** Rules that have a name, and all rules that there are. */
export default function Rules() {
  const { set, file } = useSearch({ from })
  const sets = useQuery(ruleSetsQuery)
  // whoever comes to try rules on a file begins with none
  const open = set ?? (file ? unnamed : undefined)
  return (
    <div className="page space-y-4">
      <header>
        <h1 className="title">{t.rules.title}</h1>
        <p className="mt-1 max-w-prose text-ink2">{t.rules.intro}</p>
      </header>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[220px_minmax(0,1fr)] xl:grid-cols-[220px_minmax(0,1fr)_minmax(0,1fr)]">
        <SetList sets={sets} open={open} />
        {open === unnamed ? <Editor key={unnamed} /> : open ? <Stored key={open} name={open} /> : <Nothing none={sets.data?.length === 0} />}
      </div>
      <Reference />
    </div>
  )
}

function Stored({ name }: { name: string }) {
  const set = useQuery(ruleSetQuery(name))
  if (set.data) return <Editor stored={set.data} />
  return <div className="card xl:col-span-2">{set.error ? <Failed what={t.rules.set(name)} error={set.error} again={() => void set.refetch()} /> : <Waiting />}</div>
}

function Nothing({ none }: { none: boolean }) {
  const navigate = useNavigate({ from })
  return (
    <div className="card xl:col-span-2">
      {useMay('rules') ? (
        <Instead action={{ label: t.rules.create, run: () => void navigate({ search: (s) => ({ ...s, set: unnamed }) }) }}>{none ? t.rules.none : t.rules.choose}</Instead>
      ) : (
        <Instead>{none ? t.rules.none : t.rules.chooseOnly}</Instead>
      )}
    </div>
  )
}
