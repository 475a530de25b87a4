import { useSyncExternalStore } from 'react'

/** A value that pages share, and follow. */
export interface Store<T> {
  get(): T
  set(to: T): void
  use(): T
}

export function store<T>(value: T): Store<T> {
  const listeners = new Set<() => void>()
  const subscribe = (f: () => void) => {
    listeners.add(f)
    return () => {
      listeners.delete(f)
    }
  }
  const get = () => value
  return {
    get,
    set(to) {
      value = to
      listeners.forEach((f) => f())
    },
    use: () => useSyncExternalStore(subscribe, get),
  }
}
