import type { Client, FileList, FreshetError, ListQuery, Progress, StoredFile } from '@freshet/client'
import { useEffect, useState } from 'react'
import { useFreshet } from './provider.tsx'
import { useLoaded } from './use-loaded.ts'

export interface StagedFiles {
  files: readonly StoredFile[]
  /** Of all pages. */
  total: number
  byStatus: Readonly<Record<string, number>>
  loading: boolean
  error: FreshetError | null
  reload: () => void
  /** Loads the next page; null: there is none. */
  more: (() => void) | null
}

/** Rows that the server gives at once. */
const most = 1000

const none: readonly StoredFile[] = []

/** The list of files, kept as the server has it. */
export function useStagedFiles(query: ListQuery = {}): StagedFiles {
  const { client, events } = useFreshet()
  const page = query.limit ?? 100
  const key = JSON.stringify(query)
  const [rows, setRows] = useState({ key, count: page })
  const count = rows.key === key ? rows.count : page
  const { data, loading, error, reload, soon, change } = useLoaded<FileList>(`${client.baseUrl} ${client.project ?? ''} ${key} ${count}`, signal => rowsOf(client, query, count, signal), true)

  useEffect(() => {
    const ends = [events.subscribe('file', soon), events.subscribe('snapshot', soon), events.subscribe('progress', p => change(list => withProgress(list, p)))]
    return () => { for (const end of ends) end() }
  }, [events, soon, change])

  return {
    files: data?.files ?? none, total: data?.total_count ?? 0, byStatus: data?.by_status ?? {}, loading, error, reload,
    more: data?.next_cursor ? () => setRows({ key, count: count + page }) : null,
  }
}

/** The first rows of a list, however many. */
async function rowsOf(client: Client, query: ListQuery, count: number, signal: AbortSignal): Promise<FileList> {
  let list = await client.files.list({ ...query, limit: Math.min(most, count) }, signal)
  const { offset: _, ...rest } = query // the cursor knows
  while (list.next_cursor !== null && list.files.length < count) {
    const next = await client.files.list({ ...rest, cursor: list.next_cursor, limit: Math.min(most, count - list.files.length) }, signal)
    list = { ...next, files: [...list.files, ...next.files] }
  }
  return list
}

function withProgress(list: FileList, p: Progress): FileList {
  const at = list.files.findIndex(f => f.file_id === p.file_id)
  if (at < 0) return list
  const files = [...list.files]
  files[at] = { ...files[at]!, processing_progress: p.progress, errors_found: p.errors_found, warnings_found: p.warnings_found }
  return { ...list, files }
}
