import type { Entry } from './entry.ts'
import type { FreshetError } from './errors.ts'
import type { Transfer, TransferState } from './transfer.ts'

/** Milliseconds of a frame: however much changes, the page is told once in each. */
const frame = 16

/** The list of transfers, and who is told when it changes. */
export class Board {
  entries: Entry[] = []
  private copies: readonly Transfer[] | null = null
  private readonly listeners = new Set<() => void>()
  private timer: ReturnType<typeof setTimeout> | undefined // runs for a frame after each call
  private more = false // something changed since the last call
  /** Told of each change of one that this tab sends. */
  private readonly share: (e: Entry) => void

  constructor(share: (e: Entry) => void) {
    this.share = share
  }

  /** Copies for the page: a new array after each change. It is of this moment, told of or not. */
  get list(): readonly Transfer[] {
    return this.copies ??= this.entries.map(e => e.transfer)
  }

  subscribe(f: () => void): () => void {
    this.listeners.add(f)
    return () => this.listeners.delete(f)
  }

  find(id: string): Entry | undefined {
    return this.entries.find(e => e.id === id)
  }

  add(some: readonly Entry[]): void {
    this.entries = this.entries.concat(some)
    this.publish()
  }

  drop(e: Entry): void {
    this.entries = this.entries.filter(other => other !== e)
    this.publish()
  }

  /** Gives one another state, and tells of it. */
  show(e: Entry, state: TransferState, error: FreshetError | null = null): void {
    e.set(state, error)
    this.tell([e])
  }

  tell(changed: readonly Entry[]): void {
    this.publish()
    changed.forEach(this.share)
  }

  close(): void {
    clearTimeout(this.timer)
    this.listeners.clear()
  }

  /** A change after a quiet frame is told at once, those that follow it together. */
  private publish(): void {
    this.copies = null
    if (this.timer === undefined) this.call()
    else this.more = true
  }

  // Not by requestAnimationFrame, which stands still while the page is hidden.
  private call(): void {
    this.more = false
    this.timer = setTimeout(() => {
      this.timer = undefined
      if (this.more) this.call()
    }, frame)
    for (const f of this.listeners) f()
  }
}
