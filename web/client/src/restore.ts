import type { Board } from './board.ts'
import type { Client } from './client.ts'
import { Entry } from './entry.ts'
import { asError, FreshetError } from './errors.ts'
import type { Memory, Remembered } from './memory.ts'
import { sampleOf } from './sample.ts'
import type { Tabs } from './tabs.ts'
import { isOver, type Transfer, type TransferState } from './transfer.ts'
import type { Uploaded, UploadStatus } from './types.ts'

interface Needs {
  client: Client
  memory: Memory | null
  tabs: Tabs
  board: Board
}

/** Handles tell of permissions in Chromium, where they can be stored. */
type StoredHandle = FileSystemFileHandle & {
  queryPermission?: (o: { mode: 'read' }) => Promise<PermissionState>
  requestPermission?: (o: { mode: 'read' }) => Promise<PermissionState>
}

/** Brings back uploads that another page began: one that is gone, or one in another tab. */
export class Restorer {
  private readonly o: Needs

  constructor(o: Needs) {
    this.o = o
  }

  async restore(): Promise<void> {
    const { memory, client } = this.o
    if (!memory) return
    const known = new Set(this.o.board.entries.map(e => e.uploadId))
    const found = (await memory.all()).filter(r => r.server === client.baseUrl && !known.has(r.uploadId))
    await Promise.all(found.map(r => this.bringBack(entryOf(r))))
  }

  /** Another tab tells of an upload that it sends. */
  follow(t: Transfer): void {
    let e = this.o.board.entries.find(one => one.uploadId === t.uploadId)
    if (!e) {
      if (isOver(t.state)) return
      e = new Entry({ name: t.name, path: t.path, size: t.size, options: { dataType: t.dataType, ...(t.project ? { project: t.project } : {}) } })
      e.uploadId = t.uploadId
      this.o.board.add([e])
    } else if (!e.elsewhere && (e.file || isOver(e.state))) {
      return // it is ours
    }
    this.leaveToOther(e, t)
  }

  /** Another tab sends it: it tells how far it is, and this one hears when it is gone. */
  leaveToOther(e: Entry, t?: Transfer): void {
    e.elsewhere = true
    if (t) e.follow(t)
    else this.o.tabs.tell({ say: 'hello' })
    this.o.board.tell([e])
    this.o.tabs.whenFree(e.uploadId!, () => {
      this.freed(e).catch((error: unknown) => {
        e.unfollow()
        if (this.o.board.entries.includes(e) && !isOver(e.state)) this.o.board.show(e, 'needs_file', asError(error))
      })
    })
  }

  /** Tells whether a file is the one whose upload began. */
  async isSame(e: Entry, file: File): Promise<boolean> {
    if (e.uploadId && e.sample === null && !e.file) { // another tab began it: only the memory knows the file
      const r = await this.o.memory?.get(e.uploadId)
      if (!r) return false
      e.sample = r.sample
      e.modified = r.modified
    }
    return file.size === e.size && (e.modified === 0 || file.lastModified === e.modified) && (e.sample === null || await sampleOf(file) === e.sample)
  }

  /** Takes the file of an upload whose page is gone, if it is the same. */
  async choose(e: Entry, file: File, handle: FileSystemFileHandle | null): Promise<void> {
    if (!await this.isSame(e, file)) throw new FreshetError('This is not the same file', { status: 0, code: 'not-the-same-file', hint: `Choose ${e.name} as it was when its upload began.` })
    if (e.uploadId && !await this.o.tabs.hold(e.uploadId)) {
      this.leaveToOther(e)
      throw new FreshetError('Another tab sends this file', { status: 0, code: 'elsewhere' })
    }
    e.take(file, handle ?? e.handle)
  }

  /** The same by a stored handle; ask: the person just said so, and may be asked for permission. */
  async byHandle(e: Entry, ask: boolean): Promise<boolean> {
    const handle = e.handle as StoredHandle
    try {
      let permission = await handle.queryPermission?.({ mode: 'read' }) ?? 'granted'
      if (permission !== 'granted' && ask) permission = await handle.requestPermission?.({ mode: 'read' }) ?? permission
      if (permission !== 'granted') return false
      await this.choose(e, await handle.getFile(), handle)
      return true
    } catch (error) {
      const said = error instanceof FreshetError ? error : new FreshetError(`${e.name} cannot be read where it was`, { status: 0, code: 'file-unreadable', hint: 'Choose it again.', cause: error })
      if (said.code !== 'elsewhere') this.o.board.show(e, 'needs_file', said)
      return false
    }
  }

  /** The tab that sent it is gone, or done: its last word may still be on its way, so the server is asked. */
  private async freed(e: Entry): Promise<void> {
    if (!isOver(e.state)) {
      const r = await this.o.memory?.get(e.uploadId!)
      if (r && !isOver(e.state)) e.remember(r)
      if (!await this.bringBack(e)) return
    }
    e.unfollow()
    // Without a memory nobody can tell whether a file is the one that was sent.
    if (e.state === 'needs_file' && e.sample === null) this.o.board.drop(e)
    else this.o.board.tell([])
  }

  /** Asks the server how far an upload is, and shows it. False: another tab sends it. */
  private async bringBack(e: Entry): Promise<boolean> {
    const { client, memory, tabs } = this.o
    const path = `/uploads/${encodeURIComponent(e.uploadId!)}`
    try {
      const u = await client.request<UploadStatus>('GET', path)
      e.fileId = u.file_id
      if (u.state === 'complete') {
        const result = await client.request<Uploaded>('POST', `${path}/complete`)
        await memory?.forget(e.uploadId!)
        e.arrived(result)
        this.put(e, 'done')
        return true
      }
      if (u.state !== 'open') throw new FreshetError(u.detail || 'The upload has ended', { status: 410, code: `upload-${u.state}` })
      e.apply(u)
    } catch (error) {
      if (!(error instanceof FreshetError)) throw error
      if (error.status === 404 || error.status === 410) {
        await memory?.forget(e.uploadId!)
        this.put(e, 'failed', new FreshetError(`The server no longer has what was sent of it: ${error.message}`, { status: error.status, code: error.code, hint: 'Send the file again.' }))
      } else {
        this.put(e, 'needs_file', error) // the server is asked again once there is a file
      }
      return true
    }
    this.put(e, 'needs_file')
    if (await tabs.hold(e.uploadId!)) {
      tabs.letGo(e.uploadId!)
      return true
    }
    this.leaveToOther(e)
    return false
  }

  /** Shows what was found of one: unless another tab told its end meanwhile, or the person took it off the list. */
  private put(e: Entry, state: TransferState, error: FreshetError | null = null): void {
    const { board } = this.o
    if (!e.elsewhere) {
      if (board.entries.some(other => other.uploadId === e.uploadId)) return
      e.set(state, error)
      board.add([e])
    } else if (board.entries.includes(e) && !isOver(e.state)) {
      board.show(e, state, error)
    }
  }
}

function entryOf(r: Remembered): Entry {
  const e = new Entry({ name: r.name, path: r.path, size: r.size, options: r.options })
  e.remember(r)
  return e
}
