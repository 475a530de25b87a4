import type { Event } from '@freshet/client'
import { t } from '../strings'

const kinds: Record<string, (name: string) => string> = { key: t.activity.keyActor, oidc: t.activity.tokenActor, command: t.activity.commandActor }

/** Who took a step, in words. */
export function who(actor: string): string {
  const [kind, name] = [actor.slice(0, actor.indexOf(':')), actor.slice(actor.indexOf(':') + 1)]
  return t.activity.actors[actor] ?? kinds[kind]?.(name) ?? actor
}

/** What was done. */
export const did = (e: Event) => t.activity.actions[e.action] ?? e.action

/** From which status to which; empty where it stayed. */
export function moved(e: Event): string {
  if (!e.to_status) return t.activity.removed
  return e.from_status === e.to_status ? '' : e.from_status ? t.activity.step(e.from_status, e.to_status) : e.to_status
}
