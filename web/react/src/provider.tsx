import { createClient, Events, Uploads, type Client } from '@freshet/client'
import { createContext, useContext, useMemo, type ReactNode } from 'react'

export interface Freshet {
  readonly client: Client
  readonly uploads: Uploads
  readonly events: Events
}

export interface FreshetProviderProps {
  /** Unless given, the server is the page's own origin. */
  client?: Client
  uploads?: Uploads
  events?: Events
  children?: ReactNode
}

const Context = createContext<Freshet | null>(null)

// One of each for a client and as long as the page lives, whatever is mounted:
// an upload goes on while the person looks at another part of the application.
const made = new WeakMap<Client, Freshet>()
let ownOrigin: Client | undefined

/** What belongs to a client; made when it is first needed. */
export function freshetOf(client: Client = ownOrigin ??= createClient()): Freshet {
  let one = made.get(client)
  if (!one) {
    let uploads: Uploads | undefined
    let events: Events | undefined
    one = {
      client,
      get uploads() {
        if (!uploads) {
          uploads = new Uploads({ client })
          uploads.restore().catch((error: unknown) => console.warn('freshet: this browser does not tell what was unfinished', error))
        }
        return uploads
      },
      get events() {
        return events ??= new Events({ client })
      },
    }
    made.set(client, one)
  }
  return one
}

export function FreshetProvider({ client, uploads, events, children }: FreshetProviderProps): ReactNode {
  const value = useMemo<Freshet>(() => {
    const own = freshetOf(client)
    return {
      client: own.client,
      get uploads() { return uploads ?? own.uploads },
      get events() { return events ?? own.events },
    }
  }, [client, uploads, events])
  return <Context.Provider value={value}>{children}</Context.Provider>
}

/** What the provider holds; without one, what talks to the page's own origin. */
export function useFreshet(): Freshet {
  return useContext(Context) ?? freshetOf()
}
