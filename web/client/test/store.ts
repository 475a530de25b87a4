/** Enough of IndexedDB for what the uploader remembers. */
export class NodeStore {
  /** Opening fails while it is set. */
  fault: Error | null = null
  readonly kept = new Map<string, { uploadId: string }>()

  open(): IDBOpenDBRequest {
    const request = { onsuccess: null as (() => void) | null, onerror: null as (() => void) | null, error: this.fault, result: this.database() }
    const { fault } = this
    queueMicrotask(() => { if (fault) request.onerror?.(); else request.onsuccess?.() })
    return request as unknown as IDBOpenDBRequest
  }

  private database() {
    const { kept } = this
    const done = (result: unknown) => ({ result })
    const store = {
      get: (id: string) => done(kept.get(id)),
      getAll: () => done([...kept.values()]),
      put: (one: { uploadId: string }) => done(kept.set(one.uploadId, one)),
      delete: (id: string) => done(kept.delete(id)),
    }
    return {
      close() {},
      transaction() {
        const transaction = { oncomplete: null as (() => void) | null, objectStore: () => store }
        queueMicrotask(() => transaction.oncomplete?.())
        return transaction
      },
    }
  }
}
