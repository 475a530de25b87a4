interface Waiting { rank: number; give: () => void }

/** A number of places that are given to those who wait, the lowest rank first. */
export class Slots {
  private free: number
  private readonly waiting: Waiting[] = []

  constructor(count: number) {
    this.free = count
  }

  /** Waits for a place; rejects when signal is aborted. */
  async take(rank: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.free > 0) {
      this.free--
      return
    }
    await new Promise<void>((resolve, reject) => {
      const one: Waiting = { rank, give: () => {
        signal.removeEventListener('abort', leave)
        resolve()
      } }
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(one), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      const behind = this.waiting.findIndex(w => w.rank > rank)
      this.waiting.splice(behind < 0 ? this.waiting.length : behind, 0, one)
    })
  }

  give(): void {
    const next = this.waiting.shift()
    if (next) next.give()
    else this.free++
  }
}
