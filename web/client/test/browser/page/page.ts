// A page with an uploader on it, for tests to work with from outside.
import { createClient, Events, filesIn, Uploads, type Dropped, type UploadsOptions } from '@freshet/client'

const pick = document.querySelector<HTMLInputElement>('#pick')!

const page = {
  client: createClient(),
  uploads: null as unknown as Uploads,
  /** Every state that each transfer was in, in order. */
  states: {} as Record<string, string[]>,
  snapshots: 0,
  start(o: Partial<UploadsOptions> = {}) {
    page.uploads = new Uploads({ client: page.client, ...o })
    page.uploads.subscribe(() => {
      page.snapshots++
      window.told?.([...page.uploads.transfers])
      for (const t of page.uploads.transfers) {
        const seen = page.states[t.id] ??= []
        if (seen.at(-1) !== t.state) seen.push(t.state)
      }
    })
    return page
  },
  files: () => [...pick.files!],
  add: (...o: Parameters<Uploads['add']>[1][]) => page.uploads.add(page.files(), o[0]).map(t => t.id),
  transfer: (i = 0) => page.uploads.transfers[i],
  /** What was dropped last. */
  dropped: undefined as Promise<Dropped> | undefined,
  createClient,
  Events,
  Uploads,
}
export type Page = typeof page

addEventListener('dragover', e => e.preventDefault())
addEventListener('drop', e => {
  e.preventDefault()
  page.dropped = filesIn(e.dataTransfer!)
})

window.page = page
