import { createClient, Events, FreshetError, Uploads, type EventMap } from '@freshet/client'
import { QueryCache, QueryClient } from '@tanstack/react-query'
import { keep, project } from './project'

/** What the pages share: one client, one uploader, one stream of events, one cache. */
export const client = createClient({ project: project.get })
export const uploads = new Uploads({ client })

/** Of the project that is shown, while somebody is signed in; who listens goes on when it is another. */
let stream: Events | null = null
const listeners = new Set<{ listen: () => () => void; end: () => void }>()
const nothing = () => {}

export const events = {
  subscribe<K extends keyof EventMap>(type: K, f: (data: EventMap[K]) => void): () => void {
    const listen = () => stream?.subscribe(type, f) ?? nothing
    const one = { listen, end: listen() }
    listeners.add(one)
    return () => {
      one.end()
      listeners.delete(one)
    }
  },
}

/** Begins to listen, or ends it: a page that nobody is signed in at asks for nothing that is refused. */
export function listen(on: boolean) {
  if (on !== (stream !== null)) turn(on)
}

function turn(on: boolean) {
  stream?.close()
  stream = on ? new Events({ client }) : null
  for (const one of listeners) one.end = one.listen()
}

/** Shows another project: lists, counts, events, and where files go that are added from now on. */
export function show(name: string) {
  if (name === project.get()) return
  keep(name)
  if (stream) turn(true)
  void cache.resetQueries({ predicate: (q) => !ofAll.has(q.queryKey[0]) })
}

/** Queries whose answers are the same in every project. */
const ofAll = new Set<unknown>(['session', 'projects', 'rules', 'health'])

export const cache = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      // the session ended: the shell shows the sign-in page
      if (error instanceof FreshetError && error.status === 401 && query.queryKey[0] !== 'session') void cache.invalidateQueries({ queryKey: ['session'] })
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // what will not change by asking again is told at once
      retry: (n, error) => n < 2 && !(error instanceof FreshetError && error.status >= 400 && error.status < 500),
    },
  },
})
