import type { StoredFile } from '@freshet/client'
import { plain } from '../ui/Text'
import { complain, say } from '../ui/Say'
import { t } from '../strings'
import { cache, client } from './app'

/** A step that a person asks for. What went wrong is thrown, for the dialog that asked. */
export async function asked(f: () => Promise<unknown>, done: string): Promise<void> {
  try {
    await f()
    say(done)
  } finally {
    void cache.invalidateQueries()
  }
}

/** The same; what went wrong is said. */
export async function step(f: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await asked(f, done)
    return true
  } catch (error) {
    complain(error)
    return false
  }
}

const name = (f: StoredFile) => plain(f.original_name)

export const promote = (f: StoredFile) => step(() => client.actions.promote(f.file_id), t.files.promoted(name(f)))
/** Checks again by the file's last rules. */
export const recheck = (f: StoredFile) =>
  step(() => (f.status === 'failed' ? client.actions.retry(f.file_id) : client.actions.process(f.file_id)), t.files.rechecking(name(f)))
export const remove = (f: StoredFile) => step(() => client.actions.delete(f.file_id), t.files.removed(name(f)))
export const archive = (f: StoredFile) => step(() => client.actions.archive(f.file_id), t.files.archived(name(f)))
export const use = (f: StoredFile, job: string) => asked(() => client.actions.markUsed(f.file_id, job || undefined), t.detail.use.done(name(f)))
export const hold = (f: StoredFile, reason: string) => asked(() => client.actions.hold(f.file_id, reason), t.detail.hold.held(name(f)))
export const release = (f: StoredFile) => step(() => client.actions.release(f.file_id), t.detail.hold.released(name(f)))
export const deprecate = (f: StoredFile) => step(() => client.actions.deprecate(f.file_id), t.files.deprecated(name(f)))

/** Saves what a link of the API gives, without leaving the page. */
export function download(url: string) {
  const a = document.createElement('a')
  a.href = url
  a.download = ''
  a.click()
}
