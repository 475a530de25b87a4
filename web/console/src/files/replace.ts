import type { StoredFile } from '@freshet/client'
import { client, events, uploads } from '../state/app'
import { t } from '../strings'
import { complain, say } from '../ui/Say'
import { plain } from '../ui/Text'

/**
 * Files that go once newer ones of their name have passed. What was asked for is
 * kept in the browser, so that a page that is loaded again goes on with it.
 */
interface Plan {
  old: string[]
  name: string
}

const kept = 'replacing'
const waiting = new Map<string, StoredFile[]>() // by transfer, until the server has named its file

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

export function remember(transfer: string, old: StoredFile[]) {
  waiting.set(transfer, old)
  name()
}

function name() {
  for (const tr of uploads.transfers) {
    const old = waiting.get(tr.id)
    if (!old || !tr.fileId) continue
    waiting.delete(tr.id)
    change((all) => {
      all[tr.fileId!] = { old: old.map((f) => f.file_id), name: tr.name }
    })
    if (tr.result?.file_status === 'fresh') void carryOut(tr.fileId)
  }
}

async function carryOut(id: string) {
  const plan = plans()[id]
  if (!plan) return
  change((all) => delete all[id])
  for (const old of plan.old) {
    if (old === id) continue // the same content: it is the file itself
    try {
      await client.actions.delete(old)
      say(t.files.replaced(plain(plan.name)))
    } catch (error) {
      complain(new Error(`${t.files.replaceFailed(plain(plan.name))} ${error instanceof Error ? error.message : ''}`))
    }
  }
}

uploads.subscribe(name)
events.subscribe('file', ({ event, file }) => {
  if (file?.status === 'fresh' || file?.status === 'used') void carryOut(event.file_id)
})
events.subscribe('snapshot', ({ files }) => {
  for (const f of files) if (f.status === 'fresh' || f.status === 'used') void carryOut(f.file_id)
})
