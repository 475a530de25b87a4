import { createClient, Events, FreshetError, Uploads } from '@freshet/client'
import { QueryCache, QueryClient } from '@tanstack/react-query'

/** What the pages share: one client, one uploader, one stream of events, one cache. */
export const client = createClient()
export const uploads = new Uploads({ client })
export const events = new Events({ client })

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
