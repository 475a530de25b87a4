import type { Transfer } from './transfer.ts'

/** What tabs tell each other of uploads. */
export type Told =
  | { say: 'hello' }
  | { say: 'state'; server: string; transfer: Transfer }
  | { say: 'do'; uploadId: string; what: 'pause' | 'resume' | 'retry' | 'cancel' }

/** The other tabs of this origin: which of them sends an upload, and what they tell. */
export class Tabs {
  // Without locks nobody can tell who sends, so tabs do not talk.
  private readonly channel = locks() && typeof BroadcastChannel !== 'undefined' ? new BroadcastChannel('freshet-uploads') : null
  private readonly held = new Map<string, () => void>()
  private readonly asked = new Map<string, Promise<boolean>>()
  private readonly awaited = new Map<string, AbortController>()

  constructor(hear: (told: Told) => void) {
    this.channel?.addEventListener('message', (event: MessageEvent<Told>) => hear(event.data))
  }

  tell(what: Told): void {
    this.channel?.postMessage(what)
  }

  /** Makes this tab the one that sends an upload; false: another is. */
  hold(uploadId: string): Promise<boolean> {
    if (this.held.has(uploadId) || !locks()) return Promise.resolve(true)
    let asked = this.asked.get(uploadId) // asked twice, the second would be refused on account of the first
    if (!asked) {
      asked = new Promise<boolean>((resolve, reject) => {
        locks()!.request(lockOf(uploadId), { ifAvailable: true }, lock => {
          resolve(lock !== null)
          return lock && new Promise<void>(release => this.held.set(uploadId, release))
        }).catch(reject)
      }).finally(() => this.asked.delete(uploadId))
      this.asked.set(uploadId, asked)
    }
    return asked
  }

  letGo(uploadId: string): void {
    this.held.get(uploadId)?.()
    this.held.delete(uploadId)
  }

  /** Calls f once no other tab sends the upload any more, or nobody can tell. */
  whenFree(uploadId: string, f: () => void): void {
    if (!locks() || this.awaited.has(uploadId)) return
    const stop = new AbortController()
    this.awaited.set(uploadId, stop)
    const free = () => {
      this.awaited.delete(uploadId)
      if (!stop.signal.aborted) f()
    }
    locks()!.request(lockOf(uploadId), { signal: stop.signal }, () => {}).then(free, free)
  }

  close(): void {
    for (const stop of this.awaited.values()) stop.abort()
    for (const release of this.held.values()) release()
    this.held.clear()
    this.channel?.close()
  }
}

const lockOf = (uploadId: string) => `freshet-upload-${uploadId}`

/** Not there where the page came by plain http from another machine. */
function locks(): LockManager | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.locks
}
