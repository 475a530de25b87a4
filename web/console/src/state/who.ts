import { useQuery } from '@tanstack/react-query'
import { project } from './project'
import { sessionQuery } from './queries'
import { home, may, type Right, type Who } from './rights'

const nobody: Who = { roles: {}, scopes: [] }

/** Who is signed in, and what may be done: in the project that is shown, unless another is named. */
export function useRights() {
  const who: Who = useQuery(sessionQuery).data ?? nobody
  const now = project.use() || home(who)
  return { who, project: now, may: (right: Right, of = now) => may(who, of, right) }
}

/** Somebody is there whom the server answers: until that is known, nothing is asked that it would refuse. */
export function useSignedIn(): boolean {
  const session = useQuery(sessionQuery).data
  return session !== undefined && (!session.keys_exist || session.signed_in)
}

/** Whether something may be done in the project that is shown, or in the one named. */
export const useMay = (right: Right, of?: string) => useRights().may(right, of)
