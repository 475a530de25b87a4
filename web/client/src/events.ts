import { backoff } from './backoff.ts'
import type { Client } from './client.ts'
import { FreshetError } from './errors.ts'
import { serverEvents } from './sse.ts'
import type { Event, Progress, StoredFile } from './types.ts'

export interface EventsState {
  /** leader: this tab has the stream; follower: another has it and tells; polling: there is none to be had. */
  mode: 'leader' | 'follower' | 'polling'
  connected: boolean
}

export interface EventMap {
  snapshot: { files: StoredFile[]; by_status: Record<string, number> }
  /** file is null once it is deleted. */
  file: { event: Event; file: StoredFile | null }
  progress: Progress
  state: EventsState
}

type Listener = (data: never) => void
type Told =
  | { of: string; hello: true }
  | { of: string; connected: boolean }
  | { of: string; type: 'snapshot' | 'file' | 'progress'; data: EventMap['snapshot' | 'file' | 'progress'] }

/** A stream opens with a snapshot at once; a proxy that holds it back keeps the rest too. */
const firstEvent = 10_000
/** The server says something at least every 15 s. */
const silence = 40_000
/** How often the list is asked for while there is no stream. */
const pollEvery = 5_000
/** So many streams must fail in a row before the list is asked for instead. */
const enough = 2

/**
 * What happens on the server, told through one stream for all tabs of a browser:
 * a browser has six connections to a server, and a stream holds one for good.
 */
export class Events {
  private readonly client: Client
  /** What tabs that hear each other ask for: a server, in a project. */
  private readonly of: string
  private readonly listeners = new Map<string, Set<Listener>>()
  private readonly closed = new AbortController()
  private channel: BroadcastChannel | null = null
  private now: EventsState = { mode: 'follower', connected: false }
  private started = false
  private lastId = ''

  constructor(o: { client: Client }) {
    this.client = o.client
    this.of = `${o.client.baseUrl} ${o.client.project ?? ''}`.trim()
  }

  /** The last state that was told. */
  get state(): EventsState {
    return this.now
  }

  /** The stream is opened with the first listener and stays until close(). */
  subscribe<K extends keyof EventMap>(type: K, f: (data: EventMap[K]) => void): () => void {
    const all = this.listeners.get(type) ?? new Set()
    this.listeners.set(type, all)
    all.add(f as Listener)
    if (!this.started) {
      this.started = true
      void this.start()
    }
    return () => { all.delete(f as Listener) }
  }

  close(): void {
    this.closed.abort(new DOMException('closed', 'AbortError'))
    this.channel?.close()
    this.listeners.clear()
  }

  private async start(): Promise<void> {
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
    if (!locks || typeof BroadcastChannel === 'undefined') {
      await this.lead()
      return
    }
    this.channel = new BroadcastChannel('freshet-events')
    this.channel.addEventListener('message', (event: MessageEvent<Told>) => this.hear(event.data))
    const name = `freshet-events ${this.of}`.trim()
    const led = await locks.request(name, { ifAvailable: true }, lock => (lock ? this.lead().then(() => true) : false))
    if (led || this.closed.signal.aborted) return
    this.channel.postMessage({ of: this.of, hello: true } satisfies Told)
    void this.look(true)
    try {
      await locks.request(name, { signal: this.closed.signal }, () => this.lead())
    } catch (error) {
      if (!this.closed.signal.aborted) throw error
    }
  }

  /** Holds the stream, and opens it again whenever it ends. */
  private async lead(): Promise<void> {
    for (let failures = 0; !this.closed.signal.aborted;) {
      try {
        await this.read(() => { failures = 0 })
        failures = 0 // it was there; the server let it go
      } catch {
        failures++ // the state tells of it
      }
      if (this.closed.signal.aborted) return
      const mode = failures >= enough ? 'polling' : 'leader'
      this.tellState({ mode, connected: false })
      const until = Date.now() + backoff(failures + 1, null)
      if (mode === 'polling' && await this.poll(until)) continue
      await this.sleep(until - Date.now())
    }
  }

  /** Asks for the list until it is time to try the stream again. True at once when a server that refused or was away answers. */
  private async poll(until: number): Promise<boolean> {
    for (let before = true; !this.closed.signal.aborted;) {
      const now = await this.look(false)
      if (now && !before) return true
      before = now
      if (Date.now() + pollEvery > until) return false
      await this.sleep(pollEvery)
    }
    return false
  }

  private async read(alive: () => void): Promise<void> {
    const stop = new AbortController()
    const end = () => stop.abort(new DOMException('closed', 'AbortError'))
    this.closed.signal.addEventListener('abort', end)
    const silent = () => stop.abort(new FreshetError('The stream of events is silent', { status: 0, code: 'stalled' }))
    let watch = setTimeout(silent, firstEvent)
    try {
      const headers = this.lastId ? { 'Last-Event-ID': this.lastId } : undefined
      const answer = await this.client.open('GET', '/events', { signal: stop.signal, ...(headers ? { headers } : {}) })
      for await (const event of serverEvents(answer.body!)) {
        clearTimeout(watch)
        watch = setTimeout(silent, silence)
        alive()
        if (event.id) this.lastId = event.id
        if (!this.now.connected || this.now.mode !== 'leader') this.tellState({ mode: 'leader', connected: true })
        if (event.type === 'snapshot' || event.type === 'file' || event.type === 'progress') this.tell(event.type, JSON.parse(event.data))
      }
    } finally {
      clearTimeout(watch)
      this.closed.signal.removeEventListener('abort', end)
    }
  }

  /** Asks for the list: without a stream, or before the first word of the tab that has it. */
  private async look(quietly: boolean): Promise<boolean> {
    try {
      const { files, by_status } = await this.client.files.list({ limit: 100 }, this.closed.signal)
      if (quietly) this.emit('snapshot', { files, by_status })
      else {
        this.tell('snapshot', { files, by_status })
        this.tellState({ mode: 'polling', connected: true })
      }
      return true
    } catch {
      if (!quietly && !this.closed.signal.aborted) this.tellState({ mode: 'polling', connected: false })
      return false
    }
  }

  private hear(told: Told): void {
    if (told.of !== this.of) return
    if ('type' in told) this.emit(told.type, told.data as never)
    else if ('connected' in told) this.setState({ mode: 'follower', connected: told.connected })
    else if (this.now.mode !== 'follower') this.channel?.postMessage({ of: this.of, connected: this.now.connected } satisfies Told)
  }

  private tell<K extends 'snapshot' | 'file' | 'progress'>(type: K, data: EventMap[K]): void {
    this.channel?.postMessage({ of: this.of, type, data } satisfies Told)
    this.emit(type, data)
  }

  private tellState(state: EventsState): void {
    this.channel?.postMessage({ of: this.of, connected: state.connected } satisfies Told)
    this.setState(state)
  }

  private setState(state: EventsState): void {
    if (state.mode === this.now.mode && state.connected === this.now.connected) return
    this.now = state
    this.emit('state', state)
  }

  private emit<K extends keyof EventMap>(type: K, data: EventMap[K]): void {
    for (const f of this.listeners.get(type) ?? []) f(data as never)
  }

  /** Ends early when the network is back, or all is over. */
  private async sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.closed.signal.aborted) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(() => done(), ms)
      const done = () => {
        clearTimeout(timer)
        globalThis.removeEventListener?.('online', done)
        this.closed.signal.removeEventListener('abort', done)
        resolve()
      }
      globalThis.addEventListener?.('online', done)
      this.closed.signal.addEventListener('abort', done)
    })
  }
}
