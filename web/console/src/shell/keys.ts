import { useEffect } from 'react'
import { router } from '../router'

const pages = { f: '/', r: '/rules', a: '/activity', k: '/keys', s: '/settings' } as const

const typing = (e: KeyboardEvent) => {
  const on = e.target
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
