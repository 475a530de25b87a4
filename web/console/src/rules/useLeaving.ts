import { useBlocker } from '@tanstack/react-router'
import { useRef } from 'react'

const setIn = (search: object) => (search as { set?: string }).set

/** Asks before what was written and not saved is left. */
export function useLeaving(dirty: boolean) {
  const free = useRef(false)
  const { status, proceed, reset } = useBlocker({
    // another file to try the rules on is no other page
    shouldBlockFn: ({ current, next }) => dirty && !free.current && (current.pathname !== next.pathname || setIn(current.search) !== setIn(next.search)),
    enableBeforeUnload: () => dirty && !free.current,
    withResolver: true,
  })
  const answered = useRef(false)
  return {
    asks: status === 'blocked',
    allow: () => {
      free.current = true
    },
    go: () => {
      answered.current = true
      proceed?.()
    },
    // the dialog closes itself before it goes on
    stay: () => queueMicrotask(() => !answered.current && reset?.()),
  }
}
