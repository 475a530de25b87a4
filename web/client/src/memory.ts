import type { Entry } from './entry.ts'
import type { AddOptions } from './transfer.ts'

/** What is needed to go on with an upload after the page is gone. */
export interface Remembered {
  uploadId: string
  fileId: string
  /** baseUrl of the server that has it. */
  server: string
  name: string
  path: string
  size: number
  /** When the file was last changed, epoch milliseconds. */
  modified: number
  sample: string
  options: AddOptions
  handle: FileSystemFileHandle | null
  /** When it began, epoch milliseconds. */
  added: number
}

/** Keeps what is unfinished in IndexedDB. */
export class Memory {
  private readonly name: string
  private opened: Promise<IDBDatabase> | null = null

  constructor(name: string) {
    this.name = name
  }

  async all(): Promise<Remembered[]> {
    const found = await this.run<Remembered[]>('readonly', store => store.getAll())
    return found.sort((a, b) => a.added - b.added)
  }

  get(uploadId: string): Promise<Remembered | undefined> {
    return this.run<Remembered | undefined>('readonly', store => store.get(uploadId))
  }

  /** Where it fails the upload goes on all the same, and only a reload would lose it. */
  async remember(e: Entry, server: string): Promise<void> {
    const one: Remembered = {
      uploadId: e.uploadId!, fileId: e.fileId!, server, name: e.name, path: e.path, size: e.size,
      modified: e.modified, sample: e.sample!, options: e.options, handle: e.handle, added: e.added,
    }
    try {
      await this.run('readwrite', store => store.put(one))
    } catch (error) {
      console.warn(`freshet: this browser does not remember the upload of ${e.name}`, error)
    }
  }

  /** Where it fails the server says at the next look that the upload is over. */
  async forget(uploadId: string): Promise<void> {
    try {
      await this.run('readwrite', store => store.delete(uploadId))
    } catch (error) {
      console.warn('freshet: this browser does not forget an upload', error)
    }
  }

  async close(): Promise<void> {
    const db = await this.opened?.catch(() => null) // it did not open: there is nothing to close
    db?.close()
  }

  private async run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    this.opened ??= this.open().catch((error: unknown) => {
      this.opened = null // the next call tries again
      throw error
    })
    const db = await this.opened
    return new Promise((resolve, reject) => {
      const transaction = db.transaction(table, mode)
      const request = work(transaction.objectStore(table))
      transaction.oncomplete = () => resolve(request.result as T)
      transaction.onerror = transaction.onabort = () => reject(transaction.error)
    })
  }

  private open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, 1)
      request.onupgradeneeded = () => { request.result.createObjectStore(table, { keyPath: 'uploadId' }) }
      request.onerror = () => reject(request.error)
      request.onsuccess = () => {
        const db = request.result
        db.onclose = () => { this.opened = null }
        db.onversionchange = () => {
          db.close()
          this.opened = null
        }
        resolve(db)
      }
    })
  }
}

const table = 'uploads'
