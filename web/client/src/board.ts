import type { Entry } from './entry.ts'
import type { FreshetError } from './errors.ts'
import type { Transfer, TransferState } from './transfer.ts'

/** The list of transfers, and who is told when it changes. */
export class Board {
  entries: Entry[] = []
  /** Copies for the page: a new array at each change. */
  list: readonly Transfer[] = []
  private readonly listeners = new Set<() => void>()
  /** Told of each change of one that this tab sends. */
  private readonly share: (e: Entry) => void

  constructor(share: (e: Entry) => void) {
    this.share = share
  }

  subscribe(f: () => void): () => void {
    this.listeners.add(f)
    return () => this.listeners.delete(f)
  }

  find(id: string): Entry | undefined {
    return this.entries.find(e => e.id === id)
  }

  add(some: readonly Entry[]): void {
    this.entries.push(...some)
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
    this.listeners.clear()
  }

  private publish(): void {
    this.list = this.entries.map(e => e.transfer)
    for (const f of this.listeners) f()
  }
}
