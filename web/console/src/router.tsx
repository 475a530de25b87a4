import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { lazy, Suspense, type ComponentType } from 'react'
import { Files } from './files/Files'
import { Shell } from './shell/Shell'
import { Broken, Nowhere } from './shell/Trouble'
import { Waiting } from './ui/State'

// The list is there at once; other pages come when they are asked for.
function later(load: () => Promise<{ default: ComponentType }>) {
  const Page = lazy(load)
  return () => (
    <Suspense fallback={<div className="page"><Waiting /></div>}>
      <Page />
    </Suspense>
  )
}

type Search = Record<string, unknown>
const text = (v: unknown) => (typeof v === 'string' && v ? v : typeof v === 'number' ? String(v) : undefined)
const whole = (v: unknown) => (Number.isSafeInteger(Number(v)) && Number(v) > 0 ? Number(v) : undefined)

const root = createRootRoute({ component: Shell, notFoundComponent: Nowhere, errorComponent: Broken })

const files = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (s: Search): { status?: string; q?: string; type?: string; sort?: string } => ({ status: text(s.status), q: text(s.q), type: text(s.type), sort: text(s.sort) }),
  component: Files,
})
const detail = createRoute({
  getParentRoute: () => root,
  path: '/files/$id',
  validateSearch: (s: Search): { tab?: string; rule?: string; line?: number } => ({ tab: text(s.tab), rule: text(s.rule), line: whole(s.line) }),
  component: later(() => import('./detail/Detail')),
})
const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: (s: Search): { set?: string; file?: string } => ({ set: text(s.set), file: text(s.file) }),
  component: later(() => import('./rules/Rules')),
})
const activity = createRoute({ getParentRoute: () => root, path: '/activity', component: later(() => import('./activity/Activity')) })
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: (s: Search): { actor?: string; action?: string; object?: string; result?: string; of?: string } => ({ actor: text(s.actor), action: text(s.action), object: text(s.object), result: text(s.result), of: text(s.of) }),
  component: later(() => import('./audit/Audit')),
})
const keys = createRoute({ getParentRoute: () => root, path: '/keys', component: later(() => import('./keys/Keys')) })
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: later(() => import('./settings/Settings')) })
// Who is not signed in is asked at any address; what is seen after it is the list.
const toList = ['/files', '/sign-in'].map((path) =>
  createRoute({
    getParentRoute: () => root,
    path,
    beforeLoad: () => {
      throw redirect({ to: '/' })
    },
  }),
)

export const router = createRouter({ routeTree: root.addChildren([files, detail, rules, activity, audit, keys, settings, ...toList]), defaultPreload: 'intent', scrollRestoration: false })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
