import { FreshetError } from './errors.ts'
import { parse, refusal, unreachable } from './http.ts'
import type { PartReceived } from './types.ts'

export interface Part {
  url: string
  key: string | undefined
  body: Blob
  /** As X-Checksum-CRC32 has it. */
  crc32: string
  /** Milliseconds without a byte after which the request is given up. */
  stall: number
  signal: AbortSignal
  /** Told how many bytes of the body have gone. */
  gone: (bytes: number) => void
}

/** Sends one part. XMLHttpRequest, since fetch does not tell how far a body is. */
export function putPart(p: Part): Promise<PartReceived> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest()
    let timer: ReturnType<typeof setTimeout>
    const end = () => {
      clearTimeout(timer)
      p.signal.removeEventListener('abort', stop)
    }
    const fail = (error: unknown) => {
      end()
      reject(error)
    }
    const stop = () => {
      fail(p.signal.reason)
      x.abort()
    }
    const alive = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        fail(stalled())
        x.abort()
      }, p.stall)
    }

    x.open('PUT', p.url)
    x.setRequestHeader('Content-Type', 'application/octet-stream')
    x.setRequestHeader('X-Checksum-CRC32', p.crc32)
    if (p.key) x.setRequestHeader('Authorization', `Bearer ${p.key}`)
    x.upload.addEventListener('progress', event => {
      alive()
      p.gone(Math.min(event.loaded, p.body.size))
    })
    x.addEventListener('progress', alive)
    x.addEventListener('error', () => fail(unreachable()))
    x.addEventListener('abort', () => fail(unreachable())) // the browser's doing: ours has failed before
    x.addEventListener('load', () => {
      end()
      try {
        if (x.status >= 400) throw refusal(x.status, x.responseText, name => x.getResponseHeader(name))
        resolve(parse<PartReceived>(x.responseText, x.status))
      } catch (error) {
        reject(error)
      }
    })

    if (p.signal.aborted) {
      reject(p.signal.reason)
      return
    }
    p.signal.addEventListener('abort', stop)
    alive()
    x.send(p.body)
  })
}

export function stalled(): FreshetError {
  return new FreshetError('Nothing moved for a minute', { status: 0, code: 'stalled', hint: 'The network is slow or interrupted.' })
}
