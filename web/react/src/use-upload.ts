import type { Transfer, Uploads } from '@freshet/client'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { useFreshet } from './provider.tsx'

export interface Upload extends Pick<Uploads, 'add' | 'pause' | 'resume' | 'retry' | 'cancel' | 'choose' | 'dismiss' | 'signedIn'> {
  transfers: readonly Transfer[]
  /** True while bytes are on their way. */
  moving: boolean
}

const none: readonly Transfer[] = []

/** Files on their way, and what can be done with them. */
export function useUpload(): Upload {
  const { uploads } = useFreshet()
  const subscribe = useCallback((f: () => void) => uploads.subscribe(f), [uploads])
  const transfers = useSyncExternalStore(subscribe, () => uploads.transfers, () => none)
  const calls = useMemo(() => ({
    add: uploads.add.bind(uploads), pause: uploads.pause.bind(uploads), resume: uploads.resume.bind(uploads), retry: uploads.retry.bind(uploads),
    cancel: uploads.cancel.bind(uploads), choose: uploads.choose.bind(uploads), dismiss: uploads.dismiss.bind(uploads), signedIn: uploads.signedIn.bind(uploads),
  }), [uploads])
  return { ...calls, transfers, moving: uploads.moving }
}
