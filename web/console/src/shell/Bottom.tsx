import { Link, useRouterState } from '@tanstack/react-router'
import { BookOpen, Ellipsis } from 'lucide-react'
import { useId, useRef } from 'react'
import { t } from '../strings'
import type { Page } from './pages'

const places = 4
const place = 'flex min-w-0 flex-col items-center justify-center gap-1 text-[11px] font-medium'

/** The pages on a phone, in a bar of four: what does not fit is behind the last. */
export function Bottom({ pages }: { pages: readonly Page[] }) {
  const fits = pages.length <= places
  return (
    <nav aria-label={t.shell.main} className="grid h-16 shrink-0 auto-cols-fr grid-flow-col border-t border-line bg-surface md:hidden">
      {(fits ? pages : pages.slice(0, places - 1)).map(({ to, name, Icon }) => (
        <Link key={to} to={to} className={place} activeProps={{ className: 'text-accent', 'aria-current': 'page' }} inactiveProps={{ className: 'text-ink2' }}>
          <Icon size={20} aria-hidden />
          {name}
        </Link>
      ))}
      {!fits && <More pages={pages.slice(places - 1)} />}
    </nav>
  )
}

const row = 'flex min-h-11 items-center gap-3 rounded-lg px-3 text-sm font-medium'

/** A popover: the browser closes it on Escape and a touch beside it, and leads the focus in and back. */
function More({ pages }: { pages: readonly Page[] }) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const path = useRouterState({ select: (s) => s.location.pathname })
  const within = pages.some((p) => path.startsWith(p.to))
  const close = () => list.current?.hidePopover()
  return (
    <>
      <button popoverTarget={id} className={`${place} ${within ? 'text-accent' : 'text-ink2'}`}>
        <Ellipsis size={20} aria-hidden />
        {t.shell.more}
      </button>
      <div ref={list} id={id} popover="auto" className="fixed inset-auto right-2 bottom-[72px] m-0 w-56 rounded-xl border border-line bg-surface p-1 text-ink md:hidden" style={{ boxShadow: 'var(--pop)' }}>
        {pages.map(({ to, name, Icon }) => (
          <Link key={to} to={to} onClick={close} className={row} activeProps={{ className: 'bg-accentsoft text-accent', 'aria-current': 'page' }} inactiveProps={{ className: 'hover:bg-sunken' }}>
            <Icon size={17} aria-hidden />
            {name}
          </Link>
        ))}
        <a href="/docs/" className={`${row} hover:bg-sunken`}>
          <BookOpen size={17} aria-hidden />
          {t.shell.docs}
        </a>
      </div>
    </>
  )
}
