import type { StoredFile } from '@freshet/client'
import { plain } from '../ui/Text'
import { complain, say } from '../ui/Say'
import { t } from '../strings'
import { cache, client } from './app'

/** Steps of a file that a person asks for; what went wrong is said. */
async function step(f: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await f()
    say(done)
    return true
  } catch (error) {
    complain(error)
    return false
  } finally {
    void cache.invalidateQueries()
  }
}

const name = (f: StoredFile) => plain(f.original_name)

export const promote = (f: StoredFile) => step(() => client.actions.promote(f.file_id), t.files.promoted(name(f)))
/** Checks again by the file's last rules. */
export const recheck = (f: StoredFile) =>
  step(() => (f.status === 'failed' ? client.actions.retry(f.file_id) : client.actions.process(f.file_id)), t.files.rechecking(name(f)))
export const remove = (f: StoredFile) => step(() => client.actions.delete(f.file_id), t.files.removed(name(f)))
export const archive = (f: StoredFile) => step(() => client.actions.archive(f.file_id), t.files.archived(name(f)))
export const hold = (f: StoredFile, reason: string) => step(() => client.actions.hold(f.file_id, reason), t.detail.hold.held(name(f)))
export const release = (f: StoredFile) => step(() => client.actions.release(f.file_id), t.detail.hold.released(name(f)))
export const deprecate = (f: StoredFile) => step(() => client.actions.deprecate(f.file_id), t.files.deprecated(name(f)))

/** Saves what a link of the API gives, without leaving the page. */
export function download(url: string) {
  const a = document.createElement('a')
  a.href = url
  a.download = ''
  a.click()
}
