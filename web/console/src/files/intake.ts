import type { Limits, StoredFile } from '@freshet/client'
import { bytes } from '../format'
import { cache, client, uploads } from '../state/app'
import { limitsQuery } from '../state/queries'
import { store } from '../state/store'
import { t } from '../strings'
import { complain } from '../ui/Say'
import { plain } from '../ui/Text'
import type { Chosen } from './gather'
import { options } from './options'
import { remember } from './replace'

/** Why files were left out, a sentence each; shown until it is closed. */
export const refused = store<string[]>([])

/** A file whose name is taken, and those who have it. */
export interface Taken {
  chosen: Chosen
  others: StoredFile[]
}

/** Files that wait for a person to say what is to become of them. */
export const taken = store<Taken[]>([])

/** Takes files in: what cannot be sent is named before any byte, what has a name that is taken is asked about, the rest is sent. */
export async function intake(all: Chosen[]): Promise<void> {
  const limits = await cache.ensureQueryData(limitsQuery).catch(() => null) // the server says so itself at the first byte
  const why = all.map((c) => reason(c.file, limits))
  refused.set([...refused.get(), ...why.filter((w) => w !== null)])
  const good = all.filter((_, i) => why[i] === null)
  try {
    const others = await sameNames(good.map((c) => c.file.name))
    taken.set([...taken.get(), ...good.flatMap((chosen) => (others.has(chosen.file.name) ? [{ chosen, others: others.get(chosen.file.name)! }] : []))])
    send(good.filter((c) => !others.has(c.file.name)))
  } catch (error) {
    complain(new Error(`${t.files.lookFailed} ${error instanceof Error ? error.message : ''}`))
  }
}

/** Begins to send. A replaced file goes once the new one has passed. */
export function send(chosen: Chosen[], replacing?: StoredFile[][]) {
  const begun = uploads.add(chosen, options.get())
  begun.forEach((transfer, i) => {
    const old = replacing?.[i]
    if (old) remember(transfer.id, old)
  })
}

const known = /\.(jsonl|ndjson|json|csv|tsv|txt|text|md|parquet)(\.(gz|zst|zstd))?$|^[^.]+$/i

function reason(file: File, limits: Limits | null): string | null {
  const name = plain(file.name)
  if (!known.test(file.name)) return t.files.refusedType(name)
  if (file.size === 0) return t.files.refusedEmpty(name)
  if (limits?.max_file_size != null && file.size > limits.max_file_size) return t.files.refusedLarge(name, bytes(limits.max_file_size))
  return null
}

const atOnce = 4

/** Files on the server of the same names, those whose upload failed left out. */
async function sameNames(names: string[]): Promise<Map<string, StoredFile[]>> {
  const left = [...new Set(names)]
  const found = new Map<string, StoredFile[]>()
  const look = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      const page = await client.files.list({ q: name.slice(0, 200), limit: 1000 })
      const same = page.files.filter((f) => f.original_name === name && f.failure_kind !== 'upload' && f.status !== 'uploading')
      if (same.length) found.set(name, same)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, look))
  return found
}
