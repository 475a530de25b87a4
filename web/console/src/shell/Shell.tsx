import { isOver } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { BookOpen, Keyboard, LogOut, Moon, Sun } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Announce } from '../files/Announce'
import { DropZone } from '../files/DropZone'
import { LeftOut } from '../files/LeftOut'
import { SameNames } from '../files/SameNames'
import { useTransfers } from '../files/transfers'
import { bytes, duration } from '../format'
import { SignIn } from '../signin/SignIn'
import { cache, client, listen, uploads } from '../state/app'
import { useConnected } from '../state/live'
import { project } from '../state/project'
import { healthQuery, sessionQuery, storageQuery } from '../state/queries'
import { setTheme, useDark } from '../state/theme'
import { useMay, useSignedIn } from '../state/who'
import { t } from '../strings'
import { complain, Notes } from '../ui/Say'
import { plain } from '../ui/Text'
import { Bottom } from './Bottom'
import { Help } from './Help'
import { useShortcuts } from './keys'
import { Mark } from './Mark'
import { pages, type Page } from './pages'
import { Ready } from './Ready'
import { Switcher } from './Switcher'

/** The frame of all pages. Uploads belong to it, so that they go on whatever page is open. */
export function Shell() {
  const session = useQuery(sessionQuery)
  const [help, setHelp] = useState(false)
  const mayUpload = useMay('upload')
  const mine = usePages()
  useShortcuts(useCallback(() => setHelp(true), []))
  const signedIn = useSignedIn()
  useUploads(signedIn)
  useEffect(() => listen(signedIn), [signedIn])
  useTitle(signedIn)
  if (session.data?.keys_exist && !session.data.signed_in) return <SignIn />
  return (
    <div className="flex h-full">
      <a href="#main" className="skip">
        {t.shell.skip}
      </a>
      <Aside pages={mine} actor={session.data?.key_name ?? null} keysExist={session.data?.keys_exist ?? false} help={() => setHelp(true)} />
      <div className="flex min-w-0 flex-1 flex-col">
        <Top keysExist={session.data?.keys_exist ?? false} />
        <Trouble lost={session.isError} />
        <main id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-auto outline-none">
          <LeftOut />
          <Ready>
            <Outlet />
          </Ready>
        </main>
        <Bottom pages={mine} />
      </div>
      {mayUpload && <DropZone />}
      <SameNames />
      <Notes />
      <Announce />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  )
}

/** The pages that whoever is here may see. */
function usePages() {
  const admin = useMay('admin')
  return pages.filter((p) => p.right !== 'admin' || admin)
}

/** Lists what was left unfinished, and warns before bytes on their way are dropped. */
function useUploads(signedIn: boolean) {
  useEffect(() => {
    if (!signedIn) return
    uploads.restore().catch(complain)
    uploads.signedIn()
  }, [signedIn])
  useEffect(() => {
    const leave = (e: BeforeUnloadEvent) => {
      if (uploads.moving) e.preventDefault()
    }
    addEventListener('beforeunload', leave)
    return () => removeEventListener('beforeunload', leave)
  }, [])
}

/** Names the page, and has a screen reader begin at its top. */
function useTitle(signedIn: boolean) {
  const path = useRouterState({ select: (s) => s.location.pathname })
  const before = useRef({ path, signedIn })
  useEffect(() => {
    const page = pages.find((p) => (p.to === '/' ? path === '/' : path.startsWith(p.to)))
    if (page) document.title = `${page.name} · Freshet` // that of a file has its name
    const came = signedIn && !before.current.signedIn && document.activeElement === document.body // from the sign-in page
    if (before.current.path !== path || came) document.getElementById('main')?.focus({ preventScroll: true })
    before.current = { path, signedIn }
  }, [path, signedIn])
}

function Trouble({ lost }: { lost: boolean }) {
  const connected = useConnected()
  const health = useQuery({ ...healthQuery, enabled: useSignedIn() })
  const down = health.data?.status === 'degraded' ? Object.values(health.data.components).filter((c) => c.status === 'down') : []
  const text = lost || (!connected && health.isError) ? t.common.offline : down.length ? `${t.shell.degraded} ${down.map((c) => c.detail).join('; ')}.` : ''
  return (
    <div role="status">
      {text && <p className="border-b border-line bg-ambersoft px-4 py-2 text-sm text-amber md:px-6">{text}</p>}
    </div>
  )
}

function Aside({ pages, actor, keysExist, help }: { pages: readonly Page[]; actor: string | null; keysExist: boolean; help: () => void }) {
  const name = keysExist ? plain(actor || t.keys.unnamed) : t.shell.local
  return (
    <aside className="hidden w-[212px] shrink-0 flex-col overflow-y-auto border-r border-line bg-surface px-3 py-4 md:flex">
      <Link to="/" className="flex items-center gap-2.5 px-2 text-lg font-semibold tracking-tight">
        <Mark />
        Freshet
      </Link>
      <div className="mt-4 px-1 empty:hidden">
        <Switcher />
      </div>
      <nav aria-label={t.shell.main} className="mt-6 flex flex-col gap-0.5">
        {pages.map(({ to, name, Icon }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: false, includeSearch: false }}
            className="flex h-9 items-center gap-2.5 rounded-lg px-2.5 text-sm font-medium"
            activeProps={{ className: 'bg-accentsoft text-accent', 'aria-current': 'page' }}
            inactiveProps={{ className: 'text-ink2 hover:bg-sunken hover:text-ink' }}
          >
            <Icon size={17} aria-hidden />
            {name}
          </Link>
        ))}
        <a href="/docs/" className="flex h-9 items-center gap-2.5 rounded-lg px-2.5 text-sm font-medium text-ink2 hover:bg-sunken hover:text-ink">
          <BookOpen size={17} aria-hidden />
          {t.shell.docs}
        </a>
      </nav>
      <div className="mt-auto space-y-3 pt-6">
        <Sending />
        <Storage />
        <div className="flex items-center justify-between gap-1 px-1">
          <span className="flex min-w-0 items-center gap-2 text-sm" title={keysExist ? undefined : t.shell.localWhy}>
            <span className="grid size-7 shrink-0 place-items-center rounded-full bg-accentsoft text-xs font-semibold text-accent" aria-hidden>
              {initials(name)}
            </span>
            <span className="truncate">{name}</span>
          </span>
          <span className="flex">
            <button className="ib !w-7" aria-label={t.shell.shortcuts} onClick={help}>
              <Keyboard size={17} aria-hidden />
            </button>
            <ThemeButton />
            {keysExist && <SignOut />}
          </span>
        </div>
      </div>
    </aside>
  )
}

const initials = (name: string) =>
  name
    .split(/[\s_-]+/)
    .slice(0, 2)
    .map((w) => [...w][0] ?? '')
    .join('')
    .toUpperCase()

/** What is being sent, for pages on which it does not show. */
function Sending() {
  const transfers = useTransfers()
  const path = useRouterState({ select: (s) => s.location.pathname })
  const here = project.use()
  const left = transfers.filter((tr) => !isOver(tr.state) && (path !== '/' || (tr.project ?? '') !== here))
  if (!left.length) return null
  const size = left.reduce((n, tr) => n + tr.size, 0)
  return (
    <Link to="/" className="block rounded-lg border border-line p-3 text-xs hover:bg-sunken">
      <span className="font-medium">{t.shell.sending(left.length)}</span>
      <span className="num mt-1 block text-ink2">{t.transfers.of(bytes(left.reduce((n, tr) => n + tr.sent, 0)), bytes(size))}</span>
    </Link>
  )
}

function Storage() {
  const { data } = useQuery({ ...storageQuery, enabled: useSignedIn() })
  if (!data) return null
  const free = data.free_bytes
  return (
    <div className="rounded-lg border border-line p-3 text-xs">
      <div className="flex justify-between gap-2">
        <span className="font-medium">{t.shell.storage}</span>
        <span className="num text-ink2">{t.shell.stored(bytes(data.stored_bytes))}</span>
      </div>
      {free !== null && (
        <>
          <div className="mt-2 h-1.5 overflow-hidden rounded-full bg-sunken">
            <div className="h-full min-w-1 rounded-full bg-accent" style={{ width: `${(data.stored_bytes / Math.max(1, data.stored_bytes + free)) * 100}%` }} />
          </div>
          <p className="num mt-2 text-ink2">{t.shell.free(bytes(free))}</p>
        </>
      )}
      <p className="mt-1 text-ink3">{t.shell.stagingClears(duration(data.failed_file_hours * 3600))}</p>
    </div>
  )
}

function ThemeButton() {
  const dark = useDark()
  return (
    <button className="ib md:!w-7" aria-label={dark ? t.shell.light : t.shell.dark} onClick={() => setTheme(dark ? 'light' : 'dark')}>
      {dark ? <Sun size={17} aria-hidden /> : <Moon size={17} aria-hidden />}
    </button>
  )
}

function SignOut() {
  return (
    <button
      className="ib md:!w-7"
      aria-label={t.shell.signOut}
      onClick={() =>
        client.session
          .signOut()
          .then(() => cache.resetQueries())
          .catch(complain)
      }
    >
      <LogOut size={17} aria-hidden />
    </button>
  )
}

function Top({ keysExist }: { keysExist: boolean }) {
  return (
    <header className="flex h-14 shrink-0 items-center justify-between gap-3 border-b border-line bg-surface px-4 md:hidden">
      <Link to="/" className="flex items-center gap-2 text-lg font-semibold tracking-tight">
        <Mark size={24} />
        Freshet
      </Link>
      <span className="flex min-w-0 items-center gap-1">
        <Switcher />
        <ThemeButton />
        {keysExist && <SignOut />}
      </span>
    </header>
  )
}
