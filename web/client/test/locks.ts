/** Enough of the browser's lock manager for one page in Node. */
export class NodeLocks {
  /** Waited for before a lock that must be free at once is given. */
  gate: () => Promise<void> = async () => {}
  private readonly held = new Set<string>()
  private readonly waiting = new Map<string, (() => void)[]>()

  get names(): string[] {
    return [...this.held]
  }

  async request<T>(name: string, o: LockOptions, work: (lock: Lock | null) => T | Promise<T>): Promise<T> {
    if (o.ifAvailable) {
      await this.gate()
      if (this.held.has(name)) return work(null)
    }
    while (this.held.has(name)) {
      await new Promise<void>((resolve, reject) => {
        this.waiting.set(name, [...this.waiting.get(name) ?? [], resolve])
        o.signal?.addEventListener('abort', () => reject(o.signal!.reason))
      })
    }
    this.held.add(name)
    try {
      return await work({ name, mode: 'exclusive' })
    } finally {
      this.held.delete(name)
      for (const go of this.waiting.get(name) ?? []) go()
      this.waiting.delete(name)
    }
  }
}
