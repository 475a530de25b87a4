import { backoff, mostMistakes, passes } from './backoff.ts'
import type { Checksums } from './checksums.ts'
import type { Client } from './client.ts'
import { crc32Text } from './crc32.ts'
import type { Entry } from './entry.ts'
import { FreshetError } from './errors.ts'
import { putPart, stalled } from './part.ts'
import { sampleOf } from './sample.ts'
import type { Slots } from './slots.ts'
import type { Uploaded, UploadCreated, UploadStatus } from './types.ts'

/** What sending a file needs of who has it sent. */
export interface Sender {
  client: Client
  slots: Slots
  parallel: number
  checksums: Checksums
  /** Called at each change of state. */
  changed: (e: Entry) => void
  /** Called once there is an upload; false: another tab has it. */
  began: (e: Entry) => Promise<boolean>
}

/** Milliseconds without a byte after which a part is given up. */
const stall = 60_000
/** Milliseconds that a call without a body of bytes may take, and one that puts a file together. */
const callTime = 60_000
const completeTime = 300_000

/** Sends a file until the server has it whole, or throws. Another tab's file is left to it: undefined. */
export async function sendFile(s: Sender, e: Entry, signal: AbortSignal): Promise<Uploaded | undefined> {
  change(s, e, signal, 'sending')
  const sample = e.sample ?? await sampleOf(e.file!)
  signal.throwIfAborted()
  e.sample = sample
  const held = e.uploadId ? await resume(s, e, signal) : await create(s, e, signal)
  if (held) return held
  if (!await s.began(e)) return undefined
  for (;;) {
    signal.throwIfAborted()
    await sendParts(s, e, signal)
    if (await sampleOf(e.file!) !== e.sample) throw new FreshetError('The file changed while it was sent', { status: 0, code: 'file-changed', hint: 'Choose it again.' })
    change(s, e, signal, 'finishing')
    try {
      return await complete(s, e, signal)
    } catch (error) {
      if (!(error instanceof FreshetError) || error.code !== 'parts-missing') throw error
      const u = await status(s, e, signal)
      signal.throwIfAborted()
      e.apply(u) // the store lost some: they go again
      change(s, e, signal, 'sending')
    }
  }
}

/** Gives it another state. Work that was ended changes nothing any more: whoever ended it has. */
function change(s: Sender, e: Entry, signal: AbortSignal, state: Entry['state'], error: FreshetError | null = null): void {
  signal.throwIfAborted()
  e.set(state, error)
  s.changed(e)
}

function create(s: Sender, e: Entry, signal: AbortSignal): Promise<Uploaded | undefined> {
  e.asked = true
  return tries(s, e, signal, limit => begin(s, e, limit))
}

/** Begins an upload. Content that the server holds already is told at once. */
async function begin(s: Sender, e: Entry, signal: AbortSignal): Promise<Uploaded | undefined> {
  const o = e.options
  const body = {
    file_name: e.name, file_size: e.size, data_type: o.dataType, description: o.description, metadata: o.metadata, validation_rules: o.rules, rule_set: o.ruleSet,
  }
  const made = await s.client.request<UploadCreated | Uploaded>('POST', '/uploads', { body, headers: { 'Idempotency-Key': e.idempotencyKey }, project: o.project ?? '', signal })
  if (!('upload_id' in made)) return made
  e.uploadId = made.upload_id
  e.fileId = made.file_id
  e.apply({ part_size: made.part_size, parts: [] })
  return undefined
}

/** Has the server delete what it has of a file, once. Nothing there is fine; a whole file is not. */
export async function takeBack(s: Sender, e: Entry, signal: AbortSignal): Promise<void> {
  if (!e.uploadId && e.asked) {
    try {
      await within(signal, callTime, limit => begin(s, e, limit)) // the answer was not waited for: asked again, it is the same
    } catch (error) {
      if (error instanceof FreshetError) return // most likely there is none; if there is, it expires
      throw error
    }
  }
  if (!e.uploadId) return
  try {
    await within(signal, callTime, limit => s.client.request('DELETE', `/uploads/${encodeURIComponent(e.uploadId!)}`, { signal: limit }))
  } catch (error) {
    if (!(error instanceof FreshetError) || (error.status !== 404 && error.status !== 410)) throw error
  }
}

/** Goes on with an upload: the server tells what it has. */
async function resume(s: Sender, e: Entry, signal: AbortSignal): Promise<Uploaded | undefined> {
  const u = await tries(s, e, signal, limit => status(s, e, limit))
  if (u.state === 'complete') return complete(s, e, signal)
  if (u.state !== 'open') throw ended(u)
  e.fileId = u.file_id
  e.apply(u)
  s.changed(e)
  return undefined
}

export function ended(u: UploadStatus): FreshetError {
  const why = { failed: u.detail || 'The upload failed', aborted: 'The upload was canceled', expired: 'The upload expired: nothing came for too long', open: '', complete: '' }[u.state]
  return new FreshetError(why, { status: 410, code: `upload-${u.state}`, hint: 'Send the file again.' })
}

function status(s: Sender, e: Entry, signal: AbortSignal): Promise<UploadStatus> {
  return s.client.request('GET', `/uploads/${encodeURIComponent(e.uploadId!)}`, { signal })
}

function complete(s: Sender, e: Entry, signal: AbortSignal): Promise<Uploaded> {
  return tries(s, e, signal, limit => s.client.request('POST', `/uploads/${encodeURIComponent(e.uploadId!)}/complete`, { signal: limit }), completeTime)
}

/** Makes a call until it works, or fails for good. */
async function tries<T>(s: Sender, e: Entry, signal: AbortSignal, call: (limit: AbortSignal) => Promise<T>, time = callTime): Promise<T> {
  const doing = e.state
  for (;;) {
    signal.throwIfAborted()
    try {
      const out = await within(signal, time, call)
      signal.throwIfAborted()
      e.attempt = 0
      if (e.state === 'retrying') change(s, e, signal, doing)
      return out
    } catch (error) {
      signal.throwIfAborted()
      await pauseFor(s, e, signal, error)
    }
  }
}

/** Ends a call that takes too long. */
async function within<T>(signal: AbortSignal, time: number, call: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController()
  const stop = () => limit.abort(signal.reason)
  signal.addEventListener('abort', stop)
  const timer = setTimeout(() => limit.abort(stalled()), time)
  try {
    return await call(limit.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** Waits for the next try after a failure that may pass; throws one that will not. */
async function pauseFor(s: Sender, e: Entry, signal: AbortSignal, error: unknown): Promise<void> {
  if (!(error instanceof FreshetError) || !passes(error)) throw error
  e.attempt++
  if (error.status === 500 && e.attempt >= mostMistakes) throw error
  const wait = backoff(e.attempt, error.retryAfter)
  e.retryAt = Date.now() + wait
  if (e.idle) change(s, e, signal, 'retrying', error)
  else e.error = { status: error.status, code: error.code, message: error.message, hint: error.hint }
  await new Promise<void>((resolve, reject) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      e.tryNow = null
      e.retryAt = null
    }
    const stop = () => {
      done()
      reject(signal.reason)
    }
    const timer = setTimeout(() => e.tryNow?.(), wait)
    e.tryNow = () => {
      done()
      resolve()
    }
    signal.addEventListener('abort', stop)
  })
}

/** Sends the parts that the server lacks, some of them side by side. */
async function sendParts(s: Sender, e: Entry, signal: AbortSignal): Promise<void> {
  const all = new AbortController() // ends the other parts when one fails for good
  const stop = () => all.abort(signal.reason)
  signal.addEventListener('abort', stop)
  let trouble: Promise<void> | null = null // while nothing new is sent
  let troubles = 0

  const recover = async (error: unknown): Promise<void> => {
    for (;;) {
      await pauseFor(s, e, all.signal, error)
      try {
        const before = [...e.parts]
        const u = await within(all.signal, callTime, limit => status(s, e, limit))
        all.signal.throwIfAborted()
        if (u.state === 'complete') return // by another tab or program: completing again gives its answer
        if (u.state !== 'open') throw ended(u)
        e.apply(u, before)
        change(s, e, all.signal, 'sending')
        return
      } catch (again) {
        all.signal.throwIfAborted()
        error = again
      }
    }
  }

  const lane = async (): Promise<void> => {
    for (;;) {
      if (trouble) await trouble
      await s.slots.take(e.rank, all.signal)
      const n = trouble ? 0 : e.nextPart()
      const before = troubles
      try {
        if (n > 0) {
          await sendPart(s, e, n, all.signal)
          e.attempt = 0
        }
      } catch (error) {
        all.signal.throwIfAborted()
        if (before === troubles) { // the first to fail of those side by side
          troubles++
          trouble = recover(error).finally(() => { trouble = null })
        } else if (e.idle && e.retryAt !== null) {
          change(s, e, all.signal, 'retrying', error instanceof FreshetError ? error : null)
        }
      } finally {
        s.slots.give()
      }
      if (!trouble && e.nextPart() === 0) return
    }
  }

  try {
    await Promise.all(Array.from({ length: Math.min(s.parallel, e.parts.length) }, lane))
  } catch (error) {
    all.abort(error)
    throw await reason(s, e, signal, error)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function sendPart(s: Sender, e: Entry, n: number, signal: AbortSignal): Promise<void> {
  const { from, size } = e.place(n)
  const body = e.file!.slice(from, from + size)
  let safe = false
  e.begin(n)
  try {
    const crc32 = crc32Text(await unlessAborted(s.checksums.crc32(body), signal)) // at each try: it also tells whether the file can still be read
    await putPart({ url: s.client.url(`/uploads/${encodeURIComponent(e.uploadId!)}/parts/${n}`), key: s.client.key, body, crc32, stall, signal, gone: bytes => e.gone(n, bytes) })
    safe = true
  } finally {
    e.end(n, safe)
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Says what ended an upload: of parts side by side only one hears of the finding, the others that it is over. */
async function reason(s: Sender, e: Entry, signal: AbortSignal, error: unknown): Promise<unknown> {
  if (signal.aborted || !(error instanceof FreshetError) || error.code !== 'upload-failed') return error
  try {
    const f = await within(signal, callTime, limit => s.client.files.info(e.fileId!, limit))
    if (f.verdict !== 'failed' || !f.processing_error) return error
    return new FreshetError(f.processing_error, { status: 422, code: 'checks-failed', hint: 'The report has what was found. Mend the data and send it again.' })
  } catch {
    return error // what is known is told all the same
  }
}
