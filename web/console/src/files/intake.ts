import type { Limits, StoredFile } from '@freshet/client'
import { bytes } from '../format'
import { cache, client, uploads } from '../state/app'
import { limitsQuery } from '../state/queries'
import { store } from '../state/store'
import { t } from '../strings'
import { say } from '../ui/Say'
import { plain } from '../ui/Text'
import type { Chosen } from './gather'
import { options } from './options'
import { remember } from './replace'

/** Why files were left out, a sentence each; shown until it is closed. */
export const refused = store<string[]>([])

/** A file whose name is taken, and the newest that has it. */
export interface Taken {
  chosen: Chosen
  other: StoredFile
}

/** Files that wait for a person to say what is to become of them. */
export const taken = store<Taken[]>([])

/** Files that could not be compared with those on the server, and why. */
export const held = store<{ chosen: Chosen[]; why: string } | null>(null)

/** Takes files in: what cannot be sent is named before any byte, what has a name that is taken is asked about, the rest is sent. */
export async function intake(all: Chosen[]): Promise<void> {
  const limits = await cache.ensureQueryData(limitsQuery).catch(() => null) // the server says so itself at the first byte
  const why = all.map((c) => reason(c.file, limits))
  refuse(why.filter((w) => w !== null))
  await compare(all.filter((_, i) => why[i] === null))
}

export const refuse = (why: string[]) => {
  if (why.length) refused.set([...refused.get(), ...why])
}

async function compare(chosen: Chosen[]) {
  const before = held.get()?.chosen ?? []
  const all = [...before, ...chosen]
  held.set(null)
  try {
    const others = await sameNames(all.map((c) => c.file.name))
    const isTaken = (c: Chosen) => others.has(c.file.name)
    const ask = all.filter(isTaken).map((c) => ({ chosen: c, other: others.get(c.file.name)! }))
    if (ask.length) taken.set([...taken.get(), ...ask])
    send(all.filter((c) => !isTaken(c)))
  } catch (error) {
    held.set({ chosen: all, why: error instanceof Error ? error.message : String(error) })
  }
}

/** Tries again what could not be compared. */
export const tryHeld = () => compare([])

/** Begins to send. A replaced file goes once the new one has passed. */
export function send(chosen: Chosen[], replacing?: StoredFile[]) {
  if (!chosen.length) return
  const begun = uploads.add(chosen, options.get())
  begun.forEach((transfer, i) => {
    const old = replacing?.[i]
    if (old) remember(transfer.id, old)
  })
  if (location.pathname !== '/') say(t.files.begun(begun.length))
}

const known = /\.(jsonl|ndjson|json|csv|tsv|txt|text|md|parquet)(\.(gz|zst|zstd))?$|^[^.]+$/i

function reason(file: File, limits: Limits | null): string | null {
  const name = plain(file.name)
  if (!known.test(file.name)) return t.files.refusedType(name)
  if (file.size === 0) return t.files.refusedEmpty(name)
  if (limits?.max_file_size != null && file.size > limits.max_file_size) return t.files.refusedLarge(name, bytes(limits.max_file_size))
  return null
}

const atOnce = 1000 // names in one question

/** The newest file on the server of each name that is taken. */
async function sameNames(names: string[]): Promise<Map<string, StoredFile>> {
  const all = [...new Set(names)]
  const found = new Map<string, StoredFile>()
  for (let i = 0; i < all.length; i += atOnce) {
    for (const f of await client.files.named(all.slice(i, i + atOnce))) found.set(f.original_name, f)
  }
  return found
}
