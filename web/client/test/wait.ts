import type { Transfer, Uploads } from '../src/index.ts'

/** Waits until a transfer is as a test wants it. */
export function until(uploads: Uploads, id: string, wanted: (t: Transfer) => boolean): Promise<Transfer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(JSON.stringify(uploads.transfers))), 10_000)
    const look = () => {
      const t = uploads.transfers.find(t => t.id === id)
      if (!t || !wanted(t)) return
      clearTimeout(timer)
      end()
      resolve(t)
    }
    const end = uploads.subscribe(look)
    look()
  })
}

/** A promise, and who keeps it. */
export function promised(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(r => { resolve = r })
  return { promise, resolve }
}
