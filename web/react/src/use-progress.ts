import type { Progress } from '@freshet/client'
import { useEffect, useState } from 'react'
import { useFreshet } from './provider.tsx'

/** The last that was told of files that arrive or are checked, by id. */
export function useProgress(ids: readonly (string | null)[]): ReadonlyMap<string, Progress> {
  const { events } = useFreshet()
  const [all, setAll] = useState<ReadonlyMap<string, Progress>>(new Map())
  const wanted = ids.join(' ')
  useEffect(() => {
    if (wanted.trim() === '') return
    const mine = new Set(wanted.split(' '))
    return events.subscribe('progress', p => {
      if (mine.has(p.file_id)) setAll(before => new Map([...before].filter(([id]) => mine.has(id))).set(p.file_id, p))
    })
  }, [events, wanted])
  return all
}
