import { useQuery } from '@tanstack/react-query'
import { useEffect, type ReactNode } from 'react'
import { show } from '../state/app'
import { project } from '../state/project'
import { projectsQuery, sessionQuery } from '../state/queries'
import { shown } from '../state/rights'
import { useSignedIn } from '../state/who'
import { Waiting } from '../ui/State'

/** Holds the page back until it is known who asks, and in which project. */
export function Ready({ children }: { children: ReactNode }) {
  const session = useQuery(sessionQuery)
  const signedIn = useSignedIn()
  const projects = useQuery({ ...projectsQuery, enabled: signedIn }).data
  const chosen = project.use()
  const gone = !!chosen && projects !== undefined && !projects.some((p) => p.name === chosen)
  // what was chosen outlives signing out
  const right = session.data && signedIn ? shown(session.data, gone ? '' : chosen) : chosen
  useEffect(() => show(right), [right])
  if (session.isPending || right !== chosen) {
    return (
      <div className="page">
        <Waiting />
      </div>
    )
  }
  return children
}
