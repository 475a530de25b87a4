import { crc32OfBlob } from './crc32.ts'
import { FreshetError } from './errors.ts'

/** Counts checksums of blobs. */
export interface Checksums {
  crc32(blob: Blob): Promise<number>
  close(): void
}

type Said = { ready: true } | { n: number; crc: number } | { n: number; error: string }
interface Asked { blob: Blob; resolve: (crc: number) => void; reject: (error: unknown) => void }

/**
 * Counts in a worker, so that the page stays quick. Where there are no workers, or
 * the page's bundler or policy keeps the worker from loading, the page counts itself.
 */
export function createChecksums(): Checksums {
  const asked = new Map<number, Asked>()
  let worker: Worker | null = null
  let ready = false
  let last = 0

  const own = ({ blob, resolve, reject }: Asked) => { crc32OfBlob(blob).then(resolve, cause => reject(unreadable(cause))) }

  const giveUp = () => {
    worker?.terminate()
    worker = null
    const waiting = [...asked.values()]
    asked.clear()
    waiting.forEach(own)
  }

  const start = () => {
    if (typeof Worker === 'undefined') return
    try {
      worker = new Worker(new URL('./crc-worker.js', import.meta.url), { type: 'module', name: 'freshet-crc' })
    } catch {
      return // a page may not start workers of another origin
    }
    worker.addEventListener('error', giveUp)
    worker.addEventListener('messageerror', giveUp)
    worker.addEventListener('message', (event: MessageEvent<Said>) => {
      const said = event.data
      if ('ready' in said) {
        ready = true
        for (const [n, { blob }] of asked) worker?.postMessage({ n, blob })
        return
      }
      const one = asked.get(said.n)
      asked.delete(said.n)
      if ('crc' in said) one?.resolve(said.crc)
      else one?.reject(unreadable(said.error))
    })
  }

  start()
  return {
    crc32: blob => new Promise((resolve, reject) => {
      const one = { blob, resolve, reject }
      if (!worker) {
        own(one)
        return
      }
      const n = ++last
      asked.set(n, one)
      if (ready) worker.postMessage({ n, blob })
    }),
    close() {
      worker?.terminate()
      worker = null
      for (const { reject } of asked.values()) reject(new DOMException('closed', 'AbortError'))
      asked.clear()
    },
  }
}

export function unreadable(cause: unknown): FreshetError {
  return new FreshetError('The file cannot be read any more: it changed, moved or was deleted since it was chosen', { status: 0, code: 'file-unreadable', hint: 'Choose it again.', cause })
}
