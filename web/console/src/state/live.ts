import type { Progress, StoredFile } from '@freshet/client'
import { cache, events } from './app'
import { store } from './store'

/** Figures of what arrives or is checked, by file id, as the stream tells them. */
const live = store<ReadonlyMap<string, Progress>>(new Map())
const connected = store(true)

function set(id: string, p: Progress | null) {
  const next = new Map(live.get())
  if (p) next.set(id, p)
  else next.delete(id)
  live.set(next)
}

const busy = (status: string) => status === 'uploading' || status === 'uploaded' || status === 'processing'

events.subscribe('progress', (p) => set(p.file_id, p))
events.subscribe('file', ({ event, file }) => {
  if (live.get().has(event.file_id) && (!file || !busy(file.status))) set(event.file_id, null)
  if (file) cache.setQueryData(['file', file.file_id], file)
  renew(event.file_id)
})
events.subscribe('snapshot', ({ files }) => {
  // what was live before and is not there now ended while nobody listened
  live.set(new Map([...live.get()].filter(([id]) => files.some((f: StoredFile) => f.file_id === id && busy(f.status)))))
  renew()
})
events.subscribe('state', (s) => connected.set(s.connected))

const listEvery = 1000
let due: ReturnType<typeof setTimeout> | undefined
const touched = new Set<string>()

/** Has what is on the screen of files loaded again, once a second at most. */
function renew(id?: string) {
  if (id) touched.add(id)
  due ??= setTimeout(() => {
    due = undefined
    void cache.invalidateQueries({ queryKey: ['files'] })
    void cache.invalidateQueries({ queryKey: ['storage'] })
    for (const id of touched) {
      void cache.invalidateQueries({ queryKey: ['report', id] })
      void cache.invalidateQueries({ queryKey: ['history', id] })
      void cache.invalidateQueries({ queryKey: ['findings-map', id] })
    }
    touched.clear()
  }, listEvery)
}

export const useLive = live.use
export const useLiveOf = (id: string | null | undefined) => {
  const all = live.use()
  return id ? all.get(id) : undefined
}
export const useConnected = connected.use
