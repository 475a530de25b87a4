import { FreshetError } from '@freshet/client'
import { useCallback, useEffect, useRef, useState } from 'react'

/** However much happens, it is not loaded more often than this. */
const every = 500

export interface Loaded<T> {
  data: T | null
  loading: boolean
  error: FreshetError | null
  /** Loads now. */
  reload: () => void
  /** Loads before long: several calls make one. */
  soon: () => void
  change: (f: (data: T) => T) => void
}

interface State<T> {
  key: string
  data: T | null
  loading: boolean
  error: FreshetError | null
}

/** Loads something when key changes, and when it is told to. What was there stays until the new is here, with keep even that of another key. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>, keep: boolean): Loaded<T> {
  const [state, setState] = useState<State<T>>({ key, data: null, loading: true, error: null })
  const latest = useRef(load)
  const work = useRef({ now: () => {}, soon: () => {} })

  useEffect(() => { latest.current = load })

  useEffect(() => {
    const stop = new AbortController()
    let running = false
    let again: 'no' | 'soon' | 'now' = 'no'
    let timer: ReturnType<typeof setTimeout> | undefined
    const run = async () => {
      clearTimeout(timer)
      timer = undefined
      running = true
      again = 'no'
      setState(s => ({ key, data: keep || s.key === key ? s.data : null, loading: true, error: s.key === key ? s.error : null }))
      try {
        const data = await latest.current(stop.signal)
        if (!stop.signal.aborted) setState({ key, data, loading: false, error: null })
      } catch (cause) {
        if (stop.signal.aborted) return
        const error = cause instanceof FreshetError ? cause : new FreshetError(String(cause), { status: 0, code: 'broken', cause })
        setState(s => ({ ...s, key, loading: false, error }))
      } finally {
        running = false
        if (!stop.signal.aborted && again !== 'no') timer = setTimeout(() => void run(), again === 'now' ? 0 : every)
      }
    }
    work.current = {
      now: () => { if (running) again = 'now'; else void run() },
      soon: () => {
        if (running) again = again === 'now' ? 'now' : 'soon'
        else timer ??= setTimeout(() => void run(), every)
      },
    }
    void run()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [key, keep])

  const shown = state.key === key ? state : { ...state, data: keep ? state.data : null, loading: true, error: null }
  return {
    data: shown.data, loading: shown.loading, error: shown.error,
    reload: useCallback(() => work.current.now(), []),
    soon: useCallback(() => work.current.soon(), []),
    change: useCallback((f: (data: T) => T) => setState(s => (s.data === null ? s : { ...s, data: f(s.data) })), []),
  }
}
