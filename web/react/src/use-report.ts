import type { FreshetError, Report } from '@freshet/client'
import { useEffect } from 'react'
import { useFreshet } from './provider.tsx'
import { useLoaded } from './use-loaded.ts'

export interface ReportState {
  /** null while there is none yet. */
  report: Report | null
  loading: boolean
  error: FreshetError | null
  reload: () => void
}

/** The report on a file, also while it arrives and is checked. */
export function useReport(fileId: string): ReportState {
  const { client, events } = useFreshet()
  const { data, loading, error, reload, soon } = useLoaded<Report>(`${client.baseUrl} ${fileId}`, signal => client.report(fileId, signal), false)

  useEffect(() => {
    const ends = [
      events.subscribe('file', e => { if (e.event.file_id === fileId) soon() }),
      events.subscribe('progress', p => { if (p.file_id === fileId) soon() }),
      events.subscribe('snapshot', soon),
    ]
    return () => { for (const end of ends) end() }
  }, [events, soon, fileId])

  return { report: data, loading, error: error?.code === 'no-report' ? null : error, reload }
}
