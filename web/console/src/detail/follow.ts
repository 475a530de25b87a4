import type { Progress, StoredFile } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { cache, events } from '../state/app'
import { useLiveOf } from '../state/live'
import { progressQuery } from '../state/queries'

const every = 1000

/** The figures of a file that arrives or is checked; its report and map are loaded again as these change. */
export function useFollow(file: StoredFile): Progress | undefined {
  const id = file.file_id
  const live = useLiveOf(id)
  const busy = file.status === 'uploading' || file.status === 'processing' || file.rechecking
  // of an upload on which nothing moves now the stream tells nothing
  const still = useQuery({ ...progressQuery(id), enabled: busy && !live }).data
  const last = useRef(0)
  useEffect(() => {
    if (!live) return
    const timer = setTimeout(
      () => {
        last.current = Date.now()
        void cache.invalidateQueries({ queryKey: ['report', id] })
        void cache.invalidateQueries({ queryKey: ['findings-map', id] })
      },
      Math.max(0, last.current + every - Date.now()),
    )
    return () => clearTimeout(timer)
  }, [live, id])
  return busy ? (live ?? still) : undefined
}

/** Notices that the file is deleted while it is looked at. */
export function useGone(id: string) {
  useEffect(
    () =>
      events.subscribe('file', ({ event, file }) => {
        if (event.file_id === id && !file) void cache.resetQueries({ queryKey: ['file', id] })
      }),
    [id],
  )
}
