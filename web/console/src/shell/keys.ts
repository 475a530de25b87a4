import { useEffect } from 'react'
import { router } from '../router'
import { store } from '../state/store'

const pages = { f: '/', r: '/rules', a: '/activity', l: '/audit', k: '/keys', s: '/settings' } as const

const kept = 'shortcuts'

/** Whether keys alone do something. Who speaks to the machine may need them off. */
export const shortcutsOn = store(read())

function read(): boolean {
  try {
    return localStorage.getItem(kept) !== 'off'
  } catch {
    return true
  }
}

export function setShortcuts(on: boolean) {
  shortcutsOn.set(on)
  try {
    localStorage.setItem(kept, on ? 'on' : 'off')
  } catch {
    // it holds for this page then
  }
}

const typing = (e: KeyboardEvent) => {
  const on = e.target
  if (!shortcutsOn.get() || (on instanceof Element && on.closest('[role=menu]'))) return true
  return e.ctrlKey || e.metaKey || e.altKey || (on instanceof HTMLElement && (on.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName))) || document.querySelector('dialog[open]') !== null
}

/** Keys that work on every page: `?` for the list, `g` and a letter for a page, `/` and `u` for the files. */
export function useShortcuts(help: () => void) {
  useEffect(() => {
    let go = 0 // when g was pressed
    const onKey = (e: KeyboardEvent) => {
      if (typing(e)) return
      const page = Date.now() - go < 1500 ? pages[e.key as keyof typeof pages] : undefined
      go = 0
      if (page) void router.navigate({ to: page })
      else if (e.key === 'g') go = Date.now()
      else if (e.key === '?') help()
      else if (e.key === '/') void focus('search')
      else if (e.key === 'u') void focus('choose')
      else return
      e.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [help])
}

async function focus(id: 'search' | 'choose') {
  if (router.state.location.pathname !== '/') await router.navigate({ to: '/' })
  const on = document.getElementById(id)
  if (id === 'search') on?.focus()
  else on?.click()
}
