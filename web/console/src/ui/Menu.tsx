import { Ellipsis, type LucideIcon } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'

/** What a menu offers. An item with a reason is disabled, and says why. */
export interface Item {
  icon: LucideIcon
  label: string
  run: () => void
  why?: string
  danger?: boolean
}

export interface MenuProps {
  label: string
  items: Item[]
  bordered?: boolean
}

// A fifth of the first load would be the menu's: it comes when one is about to be opened.
const load = () => import('./MenuItems')
const Items = lazy(load)

/** A button with more actions behind it. */
export function Menu(props: MenuProps) {
  const [opened, setOpened] = useState(false)
  const className = `ib ${props.bordered ? 'border border-line' : ''}`
  const button = (
    <button className={className} aria-label={props.label} aria-haspopup="menu" aria-expanded={false} onPointerEnter={load} onFocus={load} onClick={() => setOpened(true)}>
      <Ellipsis size={17} aria-hidden />
    </button>
  )
  if (!opened) return button
  return (
    <Suspense fallback={button}>
      <Items {...props} className={className} />
    </Suspense>
  )
}
