import type { Session } from '@freshet/client'

export type Right = 'read' | 'download' | 'upload' | 'use' | 'curate' | 'rules' | 'admin'
export type Role = 'viewer' | 'uploader' | 'curator' | 'admin'

/** What each role may in its project, as docs/access.md has it. The server decides; this is so that nothing is offered that it refuses. */
export const table: Record<Role, readonly Right[]> = {
  viewer: ['read', 'download'],
  uploader: ['read', 'download', 'upload', 'use'],
  curator: ['read', 'download', 'upload', 'use', 'curate', 'rules'],
  admin: ['read', 'download', 'upload', 'use', 'curate', 'rules', 'admin'],
}

/** The least first. */
export const roles = Object.keys(table) as Role[]
export const everywhere = '*'

export type Who = Pick<Session, 'roles' | 'scopes'>

const rightsOf = (role: string | undefined): readonly Right[] => table[role as Role] ?? []

export function may(who: Who, of: string, right: Right): boolean {
  if (who.scopes.length && !who.scopes.includes(right)) return false
  return rightsOf(who.roles[of]).includes(right) || rightsOf(who.roles[everywhere]).includes(right)
}

/** The higher of the roles there and everywhere. */
export function roleIn(who: Who, of: string): Role | undefined {
  return roles.findLast((r) => who.roles[of] === r || who.roles[everywhere] === r)
}

/** In which project somebody asks who names none. */
export function home(who: Who): string {
  const [only, ...more] = Object.keys(who.roles)
  return only && !more.length && only !== everywhere ? only : 'default'
}

/** The project to show: what was chosen, if it is still to be seen, else home, else any. */
export function shown(who: Who, chosen: string): string {
  const sees = (name: string) => name in who.roles || everywhere in who.roles
  if (chosen && chosen !== home(who) && sees(chosen)) return chosen
  return sees(home(who)) ? '' : (Object.keys(who.roles).sort()[0] ?? '')
}
