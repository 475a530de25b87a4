import { Board } from './board.ts'
import { createChecksums } from './checksums.ts'
import type { Client } from './client.ts'
import { Entry } from './entry.ts'
import { asError, FreshetError } from './errors.ts'
import { isLoopback } from './loopback.ts'
import { Memory } from './memory.ts'
import { Restorer } from './restore.ts'
import { sendFile, takeBack, type Sender } from './sending.ts'
import { Slots } from './slots.ts'
import { Tabs, type Told } from './tabs.ts'
import { isOver, type AddOptions, type Transfer, type TransferState } from './transfer.ts'

export interface UploadsOptions {
  client: Client
  /** Parts on their way at once, of all files together; 4 unless said. Browsers have six connections to a server. */
  parallel?: number
  /** Files that are sent at once, 2 unless said. */
  atOnce?: number
  /** Name of the IndexedDB that remembers what is unfinished; null: nothing is remembered. */
  memory?: string | null
  /** Larger files fail before a byte is sent. */
  maxFileSize?: number
}

export type Added = File | { file: File; path?: string; handle?: FileSystemFileHandle }

/** Milliseconds between two looks at bytes that move. */
const every = 250

/** Sends files. One per page. */
export class Uploads {
  private readonly client: Client
  private readonly atOnce: number
  private readonly maxFileSize: number
  private readonly memory: Memory | null
  private readonly tabs: Tabs
  private readonly board: Board
  private readonly sender: Sender
  private readonly restorer: Restorer
  private readonly local: boolean
  private readonly closed = new AbortController()
  private ticker: ReturnType<typeof setInterval> | undefined
  private ticked = 0

  constructor(o: UploadsOptions) {
    this.client = o.client
    this.local = isLoopback(o.client.baseUrl)
    this.atOnce = o.atOnce ?? 2
    this.maxFileSize = o.maxFileSize ?? Infinity
    const memory = o.memory === undefined ? 'freshet-uploads' : o.memory
    this.memory = memory === null || typeof indexedDB === 'undefined' ? null : new Memory(memory)
    this.tabs = new Tabs(told => this.hear(told))
    this.board = new Board(e => this.share(e))
    const parallel = o.parallel ?? 4
    this.sender = { client: o.client, parallel, slots: new Slots(parallel), checksums: createChecksums(), changed: e => this.board.tell([e]), began: e => this.began(e) }
    this.restorer = new Restorer({ client: o.client, memory: this.memory, tabs: this.tabs, board: this.board })
    if (typeof addEventListener === 'function') {
      const { signal } = this.closed
      addEventListener('offline', () => this.offline(), { signal })
      addEventListener('online', () => this.online(), { signal })
    }
    this.tabs.tell({ say: 'hello' })
  }

  /** A new array, and new objects for what changed, at each change. */
  get transfers(): readonly Transfer[] {
    return this.board.list
  }

  /** True while bytes are on their way: for beforeunload. */
  get moving(): boolean {
    return this.board.entries.some(e => !e.elsewhere && (e.state === 'sending' || e.state === 'retrying' || e.state === 'finishing'))
  }

  /** Calls f at each change of state at once, and at most every 250 ms while bytes move. */
  subscribe(f: () => void): () => void {
    return this.board.subscribe(f)
  }

  /** Puts files at the end of the queue. */
  add(files: readonly Added[], o: AddOptions = {}): Transfer[] {
    const project = o.project ?? this.client.project
    const options = project ? { ...o, project } : o // where it was added, it is sent
    const added = files.map(one => {
      const { file, path = '', handle = null } = 'file' in one ? one : { file: one }
      const e = new Entry({ name: file.name, path: path || file.webkitRelativePath || file.name, size: file.size, options })
      e.take(file, handle)
      const large = this.tooLarge(file)
      if (large) e.set('failed', large)
      return e
    })
    this.board.add(added)
    this.pump()
    return added.map(e => e.transfer)
  }

  /** No id: all. */
  pause(id?: string): void {
    for (const e of this.chosen(id)) {
      if (e.elsewhere) this.askOther(e, 'pause')
      else if (['waiting', 'sending', 'retrying', 'offline', 'signed_out'].includes(e.state)) this.stop(e, 'paused')
    }
    this.pump()
  }

  /** No id: all. One that waits for its next try, or for a session, is tried at once. */
  resume(id?: string): void {
    for (const e of this.chosen(id)) {
      if (e.elsewhere) this.askOther(e, 'resume')
      else if (e.state === 'retrying') e.tryNow?.()
      else if (e.state === 'paused' || e.state === 'signed_out') this.queue(e)
      else if (e.state === 'needs_file' && e.handle) void this.restorer.byHandle(e, id !== undefined).then(ok => { if (ok && this.is(e, 'needs_file')) this.queue(e) })
    }
  }

  /** There is a session again: whatever waits for one goes on, in other tabs too. */
  signedIn(): void {
    for (const e of this.board.entries) {
      if (e.state !== 'signed_out') continue
      if (e.elsewhere) this.askOther(e, 'resume')
      else this.board.show(e, 'waiting')
    }
    this.pump()
  }

  /** Sends one that failed or was canceled again: what the server has is kept where it can be. */
  retry(id: string): void {
    const e = this.board.find(id)
    if (!e) return
    if (e.elsewhere) this.askOther(e, 'retry')
    else if (e.state === 'retrying') e.tryNow?.()
    else if (e.state === 'failed' || e.state === 'canceled') {
      if (!e.continues) this.beginAnew(e)
      if (e.file) this.queue(e)
      else this.board.show(e, 'needs_file')
    }
  }

  /** Ends the upload, on the server too, and forgets it. Rejects where the server cannot be told. */
  async cancel(id: string): Promise<void> {
    const e = this.board.find(id)
    if (!e || isOver(e.state)) return
    if (e.elsewhere) {
      this.askOther(e, 'cancel')
      return
    }
    const rest = e.file ? 'paused' : 'needs_file'
    this.stop(e, rest)
    try {
      await takeBack(this.sender, e, this.closed.signal)
    } catch (error) {
      if (error instanceof FreshetError && error.code === 'upload-complete') this.queue(e) // too late: its answer is fetched
      else if (e.file && this.needsSession(error)) this.board.show(e, 'signed_out', signedOut(error))
      else this.board.show(e, rest, asError(error))
      throw error
    } finally {
      this.pump()
    }
    this.end(e, 'canceled')
  }

  /** Takes one that has ended off the list. */
  dismiss(id: string): void {
    const e = this.board.find(id)
    if (!e || !isOver(e.state)) return
    if (!e.elsewhere) this.letGo(e)
    this.board.drop(e)
  }

  /**
   * Goes on with a file after a reload; rejects if it is not the same. One that failed
   * because the file changed takes the file as it is now, and sends all of it.
   */
  async choose(id: string, chosen: File | FileSystemFileHandle): Promise<void> {
    const e = this.board.find(id)
    if (!e || e.elsewhere || (e.state !== 'needs_file' && e.state !== 'failed')) return
    const { state } = e
    const handle = 'getFile' in chosen ? chosen : null
    const file = 'getFile' in chosen ? await chosen.getFile() : chosen
    const replaces = state === 'failed' && e.canChoose && !await this.restorer.isSame(e, file)
    if (replaces) await takeBack(this.sender, e, this.closed.signal).catch(unlessComplete)
    else await this.restorer.choose(e, file, handle)
    if (!this.is(e, state)) return // the person did something else meanwhile
    if (replaces || (state === 'failed' && !e.continues)) this.beginAnew(e)
    if (replaces) e.replace(file, handle)
    const large = this.tooLarge(file)
    if (large) this.board.show(e, 'failed', large)
    else this.queue(e)
  }

  /** Lists what is remembered and the server still has. */
  restore(): Promise<void> {
    return this.restorer.restore()
  }

  /** Lets go of everything: what moves is stopped, what is unfinished stays remembered. */
  close(): void {
    const closed = new DOMException('closed', 'AbortError')
    for (const e of this.board.entries) e.run?.abort(closed)
    clearInterval(this.ticker)
    this.closed.abort(closed)
    this.tabs.close()
    this.sender.checksums.close()
    void this.memory?.close()
    this.board.close()
  }

  private chosen(id: string | undefined): Entry[] {
    return this.board.entries.filter(e => id === undefined || e.id === id)
  }

  private is(e: Entry, state: TransferState): boolean {
    return e.state === state && !e.elsewhere && this.board.entries.includes(e)
  }

  private tooLarge(file: File): FreshetError | null {
    if (file.size <= this.maxFileSize) return null
    return new FreshetError(`The file has ${file.size} bytes; ${this.maxFileSize} are allowed`, { status: 413, code: 'file-too-large', hint: 'Split it, or ask for a higher limit.' })
  }

  private queue(e: Entry): void {
    this.board.show(e, 'waiting')
    this.pump()
  }

  /** Starts what may start. */
  private pump(): void {
    if (this.closed.signal.aborted) return
    if (this.isOffline) {
      for (const e of this.board.entries) {
        if (!e.elsewhere && e.state === 'waiting') this.board.show(e, 'offline')
      }
      return
    }
    let busy = this.board.entries.filter(e => e.run).length
    for (const e of this.board.entries) {
      if (busy >= this.atOnce) break
      if (e.state !== 'waiting' || e.run || e.elsewhere) continue
      busy++
      void this.send(e)
    }
    if (busy > 0 && this.ticker === undefined) {
      this.ticked = performance.now()
      this.ticker = setInterval(() => this.tick(), every)
    }
  }

  private async send(e: Entry): Promise<void> {
    const run = e.run = new AbortController()
    try {
      const result = await sendFile(this.sender, e, run.signal)
      if (run.signal.aborted || !result) return
      e.arrived(result)
      this.end(e, 'done')
    } catch (error) {
      if (run.signal.aborted) return // who stopped it has told
      if (this.needsSession(error)) {
        this.sessionEnded(error)
        return
      }
      e.halt()
      this.board.show(e, 'failed', asError(error))
      if (!e.continues) this.letGo(e)
    } finally {
      if (e.run === run) e.run = null
      this.pump()
    }
  }

  /** There is an upload: this tab becomes the one that sends it, and it is remembered. */
  private async began(e: Entry): Promise<boolean> {
    const uploadId = e.uploadId!
    const held = await this.tabs.hold(uploadId)
    if (this.closed.signal.aborted || isOver(e.state) || e.uploadId !== uploadId) { // it was canceled meanwhile
      if (held) this.tabs.letGo(uploadId)
      return false
    }
    if (!held) {
      this.restorer.leaveToOther(e)
      return false
    }
    void this.memory?.remember(e, this.client.baseUrl)
    this.board.tell([e])
    return true
  }

  private letGo(e: Entry): void {
    if (!e.uploadId) return
    void this.memory?.forget(e.uploadId)
    this.tabs.letGo(e.uploadId)
  }

  private end(e: Entry, state: 'done' | 'canceled'): void {
    this.board.show(e, state)
    this.letGo(e)
  }

  private beginAnew(e: Entry): void {
    this.letGo(e)
    e.reset()
  }

  /** Without a key it is the session that the server did not find: there may be one again. */
  private needsSession(error: unknown): error is FreshetError {
    return error instanceof FreshetError && error.status === 401 && this.client.key === undefined
  }

  /** All that is sent or is to be waits: the next would only be refused, too. */
  private sessionEnded(error: FreshetError): void {
    for (const e of this.board.entries) {
      if (e.run || (!e.elsewhere && e.state === 'waiting')) this.stop(e, 'signed_out', signedOut(error))
    }
  }

  private stop(e: Entry, state: 'paused' | 'offline' | 'needs_file' | 'signed_out', error: FreshetError | null = null): void {
    const run = e.run
    e.run = null
    run?.abort(new DOMException(state, 'AbortError'))
    e.halt()
    this.board.show(e, state, error)
  }

  private get isOffline(): boolean {
    return !this.local && typeof navigator !== 'undefined' && navigator.onLine === false
  }

  private offline(): void {
    if (!this.isOffline) return
    for (const e of this.board.entries) {
      if (e.run) this.stop(e, 'offline')
    }
    this.pump()
  }

  private online(): void {
    for (const e of this.board.entries) {
      if (!e.elsewhere && e.state === 'offline') this.board.show(e, 'waiting')
    }
    this.pump()
  }

  private tick(): void {
    const now = performance.now()
    const seconds = (now - this.ticked) / 1000
    this.ticked = now
    const busy = this.board.entries.filter(e => e.run)
    const moved = busy.filter(e => e.tick(seconds))
    if (moved.length > 0) this.board.tell(moved)
    if (busy.length > 0) return
    clearInterval(this.ticker)
    this.ticker = undefined
  }

  private share(e: Entry): void {
    if (e.uploadId && !e.elsewhere) this.tabs.tell({ say: 'state', server: this.client.baseUrl, transfer: e.transfer })
  }

  private askOther(e: Entry, what: 'pause' | 'resume' | 'retry' | 'cancel'): void {
    this.tabs.tell({ say: 'do', uploadId: e.uploadId!, what })
  }

  private hear(told: Told): void {
    if (told.say === 'hello') {
      for (const e of this.board.entries) {
        if (!isOver(e.state) && e.state !== 'needs_file') this.share(e)
      }
    } else if (told.say === 'state') {
      if (told.server === this.client.baseUrl) this.restorer.follow(told.transfer)
    } else {
      const e = this.board.entries.find(one => one.uploadId === told.uploadId && !one.elsewhere)
      if (!e) return
      if (told.what === 'cancel') this.cancel(e.id).catch(() => {}) // what went wrong is in the transfer, which the other tab follows
      else this[told.what](e.id)
    }
  }
}

function signedOut(cause: FreshetError): FreshetError {
  return new FreshetError('You are signed out', { status: 401, code: 'signed-out', hint: 'Sign in; it goes on from where it stands.', requestId: cause.requestId, problem: cause.problem, cause })
}

/** An upload that is complete need not be taken back to make way for another. */
function unlessComplete(error: unknown): void {
  if (!(error instanceof FreshetError) || error.code !== 'upload-complete') throw error
}
