import { useQuery } from '@tanstack/react-query'
import { held } from '../files/intake'
import { router } from '../router'
import { show } from '../state/app'
import { projectsQuery } from '../state/queries'
import { home } from '../state/rights'
import { useRights, useSignedIn } from '../state/who'
import { t } from '../strings'

/** Which project the pages show. Who sees one alone need not know that there are any. */
export function Switcher() {
  const { who, project } = useRights()
  const all = useQuery({ ...projectsQuery, enabled: useSignedIn() }).data ?? []
  const waiting = held.use() !== null
  if (all.length < 2) return null
  const go = async (to: string) => {
    // what is open is of the project that is left; a page that has something unsaved may stay
    const page = '/' + router.state.location.pathname.split('/')[1]!.replace(/^files$/, '')
    await router.navigate({ to: page, search: {} })
    if (router.state.location.pathname === page && router.state.location.searchStr === '') show(to === home(who) ? '' : to)
  }
  return (
    <label className="block min-w-0 text-xs text-ink2">
      <span className="max-md:sr-only">{t.shell.project}</span>
      <select className="field w-full font-medium max-md:max-w-36 md:mt-1" value={project} disabled={waiting} title={waiting ? t.shell.projectWaits : undefined} onChange={(e) => void go(e.target.value)}>
        {all.map((p) => (
          <option key={p.name}>{p.name}</option>
        ))}
      </select>
    </label>
  )
}
