import type { FreshetError } from './errors.ts'
import type { Remembered } from './memory.ts'
import { Speed } from './speed.ts'
import { isOver, type AddOptions, type Transfer, type TransferError, type TransferState } from './transfer.ts'
import type { Uploaded, UploadStatus } from './types.ts'

let lastRank = 0

/** What a transfer fails with whose file is not as it was when it was chosen. */
const changedCodes = new Set(['file-unreadable', 'file-changed', 'part-differs'])

/** A transfer as the uploader works on it; what the page gets are copies. */
export class Entry {
  readonly id: string
  name: string
  path: string
  size: number
  readonly options: AddOptions
  file: File | null = null
  handle: FileSystemFileHandle | null = null
  /** When the file was last changed, epoch milliseconds; 0: not known. */
  modified = 0
  sample: string | null = null
  /** When it was added, epoch milliseconds. */
  added = Date.now()
  /** Those added before come first. */
  readonly rank = ++lastRank

  uploadId: string | null = null
  fileId: string | null = null
  state: TransferState = 'waiting'
  committed = 0
  partSize = 0
  parts: ('.' | 'a' | 'd')[] = []
  attempt = 0
  retryAt: number | null = null
  error: TransferError | null = null
  result: Uploaded | null = null
  elsewhere = false

  /** Repeated, it gives the same upload. */
  idempotencyKey = randomId()
  /** The server was asked for an upload; without uploadId its answer is not known. */
  asked = false
  /** Set while this tab works on it; its abort ends the work. */
  run: AbortController | null = null
  /** Ends the wait for the next try. */
  tryNow: (() => void) | null = null

  private readonly speed = new Speed()
  private readonly active = new Map<number, number>() // bytes gone of parts on their way
  private moved = 0 // bytes since the last tick
  private copy: Transfer | null = null

  constructor(o: { id?: string; name: string; path: string; size: number; options: AddOptions }) {
    this.id = o.id ?? randomId()
    this.name = o.name
    this.path = o.path
    this.size = o.size
    this.options = o.options
  }

  take(file: File, handle: FileSystemFileHandle | null): void {
    this.file = file
    this.handle = handle
    this.modified = file.lastModified
  }

  /** Takes another file in place of one that changed while it was sent. */
  replace(file: File, handle: FileSystemFileHandle | null): void {
    this.path = this.path.endsWith(this.name) ? this.path.slice(0, -this.name.length) + file.name : file.name
    this.name = file.name
    this.size = file.size
    this.take(file, handle)
  }

  arrived(result: Uploaded): void {
    this.result = result
    this.fileId = result.file_id
    this.committed = this.size
    this.parts.fill('d')
  }

  /** Of one that failed: its upload can go on, what ended it did not end that. */
  get continues(): boolean {
    if (!this.error || this.error.code === 'file-changed') return false
    const { status } = this.error
    return status === 0 || status === 401 || status === 403 || status >= 500
  }

  /** The person can choose its file again. */
  get canChoose(): boolean {
    if (this.elsewhere) return false
    return this.state === 'needs_file' || (this.state === 'failed' && this.error !== null && changedCodes.has(this.error.code))
  }

  /** Takes over what was remembered of it by a page that is gone. */
  remember(r: Remembered): void {
    this.uploadId = r.uploadId
    this.fileId = r.fileId
    this.handle = r.handle
    this.modified = r.modified
    this.sample = r.sample
    this.added = r.added
    this.state = 'needs_file'
    this.touch()
  }

  /** Where part n, from 1, lies. */
  place(n: number): { from: number; size: number } {
    const from = (n - 1) * this.partSize
    return { from, size: Math.min(this.partSize, this.size - from) }
  }

  /** The first part that the server lacks and nobody sends; 0: there is none. */
  nextPart(): number {
    return this.parts.indexOf('.') + 1
  }

  get idle(): boolean {
    return this.active.size === 0
  }

  begin(n: number): void {
    this.parts[n - 1] = 'a'
    this.active.set(n, 0)
    this.touch()
  }

  gone(n: number, bytes: number): void {
    this.moved += Math.max(0, bytes - (this.active.get(n) ?? 0))
    this.active.set(n, bytes)
  }

  end(n: number, safe: boolean): void {
    if (!this.active.delete(n)) return // it was halted
    this.parts[n - 1] = safe ? 'd' : '.'
    if (safe) this.committed += this.place(n).size
    this.touch()
  }

  /** Nothing of it is on its way any more. */
  halt(): void {
    for (const n of this.active.keys()) this.parts[n - 1] = '.'
    this.active.clear()
  }

  /**
   * Takes over what the server has; parts on their way stay so. before are the parts
   * when it was asked: those that became safe after that stay so too, its answer may be older.
   */
  apply(u: Pick<UploadStatus, 'part_size' | 'parts'>, before: Entry['parts'] | null = null): void {
    this.partSize = u.part_size
    const count = Math.ceil(this.size / this.partSize)
    const safe = numbersIn(u.parts)
    const since = (i: number) => before !== null && this.parts[i] === 'd' && before[i] !== 'd'
    this.parts = Array.from({ length: count }, (_, i) => (this.active.has(i + 1) ? 'a' : safe.has(i + 1) || since(i) ? 'd' : '.'))
    this.committed = this.parts.reduce((sum, p, i) => sum + (p === 'd' ? this.place(i + 1).size : 0), 0)
    this.touch()
  }

  /** Nothing is known of an upload of it: it begins anew. */
  reset(): void {
    this.uploadId = this.fileId = this.sample = this.result = null
    this.parts = []
    this.partSize = this.committed = this.attempt = 0
    this.active.clear()
    this.moved = 0
    this.asked = false
    this.idempotencyKey = randomId()
    this.touch()
  }

  set(state: TransferState, error: FreshetError | null = null): void {
    if (state !== 'sending' && state !== 'retrying') this.speed.reset()
    this.state = state
    this.error = error && { status: error.status, code: error.code, message: error.message, hint: error.hint }
    this.touch()
  }

  /** Counts what moved; true if there is something to tell. */
  tick(seconds: number): boolean {
    const before = this.speed.value
    this.speed.add(this.moved, seconds)
    const told = this.copy === null || this.moved > 0 || Math.abs(before - this.speed.value) >= 1
    this.moved = 0
    if (told) this.touch()
    return told
  }

  touch(): void {
    this.copy = null
  }

  /** What another tab tells of it. */
  follow(t: Transfer): void {
    this.fileId = t.fileId
    this.state = t.state
    this.error = t.error
    this.result = t.result
    this.copy = { ...t, id: this.id, elsewhere: true, canContinue: false, canChoose: false }
  }

  /** The other tab does not send it any more. */
  unfollow(): void {
    this.elsewhere = false
    this.copy = this.copy && isOver(this.state) ? { ...this.copy, elsewhere: false, canChoose: this.canChoose } : null
  }

  get transfer(): Transfer {
    return this.copy ??= this.snapshot()
  }

  private snapshot(): Transfer {
    let sent = this.committed
    for (const bytes of this.active.values()) sent += bytes
    sent = Math.min(sent, this.size)
    return {
      id: this.id, name: this.name, path: this.path, size: this.size, dataType: this.options.dataType ?? 'custom', project: this.options.project,
      uploadId: this.uploadId, fileId: this.fileId, state: this.state,
      sent, committed: this.committed, partSize: this.partSize, partCount: this.parts.length, parts: this.parts.join(''),
      speed: this.speed.value, eta: this.state === 'sending' ? this.speed.eta(this.size - sent) : null,
      retryAt: this.retryAt, attempt: this.attempt, error: this.error, result: this.result,
      canContinue: this.state === 'needs_file' && this.handle !== null, canChoose: this.canChoose, elsewhere: this.elsewhere,
    }
  }
}

/** The numbers in ranges as the server writes them: "1-7", "9". */
export function numbersIn(ranges: readonly string[]): Set<number> {
  const all = new Set<number>()
  for (const r of ranges) {
    const [from = 0, to = from] = r.split('-').map(Number)
    for (let n = from; n <= to; n++) all.add(n)
  }
  return all
}

/** Not crypto.randomUUID, which pages that came by plain http do not have. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('')
}
