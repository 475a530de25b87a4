import type { Event } from '@freshet/client'
import { t } from '../strings'

/** Who took a step, in words. */
export function who(actor: string): string {
  return t.activity.actors[actor] ?? (actor.startsWith('key:') ? t.activity.keyActor(actor.slice(4)) : actor)
}

/** What was done. */
export const did = (e: Event) => t.activity.actions[e.action] ?? e.action

/** From which status to which; empty where it stayed. */
export function moved(e: Event): string {
  if (!e.to_status) return t.activity.removed
  return e.from_status === e.to_status ? '' : e.from_status ? t.activity.step(e.from_status, e.to_status) : e.to_status
}
