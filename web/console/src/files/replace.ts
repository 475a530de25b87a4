import type { StoredFile } from '@freshet/client'
import { FreshetError } from '@freshet/client'
import { client, events, uploads } from '../state/app'
import { t } from '../strings'
import { complain, say } from '../ui/Say'
import { plain } from '../ui/Text'

/**
 * Files that go once newer ones of their name have passed. What was asked for is
 * kept in the browser, so that a page that is loaded again goes on with it; of
 * several tabs one does it.
 */
interface Plan {
  old: string
  name: string
}

const kept = 'replacing'
/** By transfer, until it is known what it became: what goes then, and the id that the plan is kept under. */
const waiting = new Map<string, { old: StoredFile; under: string | null }>()

/** One tab at a time; where a browser has no locks, tabs are not told apart. */
const alone = <T>(f: () => Promise<T>) => (navigator.locks ? navigator.locks.request(kept, f) : f())

function plans(): Record<string, Plan> {
  try {
    return JSON.parse(localStorage.getItem(kept) ?? '{}') as Record<string, Plan>
  } catch {
    return {}
  }
}

function change(f: (p: Record<string, Plan>) => void) {
  const all = plans()
  f(all)
  try {
    localStorage.setItem(kept, JSON.stringify(all))
  } catch {
    // without storage nothing is deleted: both files stay
  }
}

export function remember(transfer: string, old: StoredFile) {
  waiting.set(transfer, { old, under: null })
  follow()
}

/** Names the plan after the file, and after what that turned out to be: the same content is a file that was here. */
function follow() {
  for (const tr of uploads.transfers) {
    const w = waiting.get(tr.id)
    const id = tr.result?.file_id ?? tr.fileId
    if (!w || !id || (id === w.under && !tr.result)) continue
    const before = w.under
    w.under = id
    if (tr.result) waiting.delete(tr.id)
    void alone(async () => {
      change((all) => {
        if (before) delete all[before]
        all[id] = { old: w.old.file_id, name: tr.name }
      })
      if (tr.result?.file_status === 'fresh' || tr.result?.file_status === 'used') await carryOut(id)
    })
  }
}

/** Deletes what a file that has passed replaces. Under the lock. */
async function carryOut(id: string) {
  const plan = plans()[id]
  if (!plan) return
  change((all) => delete all[id])
  const name = plain(plan.name)
  if (plan.old === id) {
    say(t.files.replacesItself(name))
    return
  }
  try {
    await client.actions.delete(plan.old)
    say(t.files.replaced(name))
  } catch (error) {
    if (error instanceof FreshetError && error.status === 404) return // it went before
    complain(new Error(`${t.files.replaceFailed(name)} ${error instanceof Error ? error.message : ''}`))
  }
}

const passed = (f: StoredFile | null) => f?.status === 'fresh' || f?.status === 'used'

uploads.subscribe(follow)
events.subscribe('file', ({ event, file }) => {
  if (passed(file) && plans()[event.file_id]) void alone(() => carryOut(event.file_id))
})
events.subscribe('snapshot', ({ files }) => {
  const there = plans()
  for (const f of files) if (passed(f) && there[f.file_id]) void alone(() => carryOut(f.file_id))
})
