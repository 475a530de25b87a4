import type { StoredFile, Transfer } from '@freshet/client'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { stateOf } from './transfer-row.tsx'

export interface SpokenProps {
  transfers: readonly Transfer[]
  fileOf: (t: Transfer) => StoredFile | undefined
}

interface Said {
  id: string
  what: string
  text: string
}

/** Says to those who do not look what came of each file: only what is new, and each thing once. */
export function Spoken({ transfers, fileOf }: SpokenProps): ReactNode {
  const now = transfers.filter(t => t.state === 'done' || t.state === 'failed').map((t): Said => {
    const file = fileOf(t)
    return { id: t.id, what: whatOf(t, file), text: `${t.name}: ${stateOf(t, file, null)}` }
  })
  const told = useRef<readonly Said[]>(null)
  told.current ??= now // what was over before is known
  const [news, setNews] = useState<{ turn: number; said: readonly Said[] }>({ turn: 0, said: [] })

  useEffect(() => {
    const known = new Set(told.current!.map(keyOf))
    const fresh = now.filter(one => !known.has(keyOf(one)))
    const over = new Set(now.map(one => one.id)) // one that is sent again is told of again
    told.current = [...told.current!.filter(one => over.has(one.id)), ...fresh]
    if (fresh.length > 0) setNews(({ turn }) => ({ turn: turn + 1, said: fresh }))
  })

  // Not atomic: what is added is read, what goes is not. Said again it is a new element.
  return <div role="status" aria-atomic="false" className="freshet-hidden">{news.said.map(one => <p key={`${news.turn} ${keyOf(one)}`}>{one.text}</p>)}</div>
}

/** That a file is here is told once, however its checks go on; that they found errors is told besides. */
function whatOf(t: Transfer, file: StoredFile | undefined): string {
  const status = file?.status ?? t.result?.file_status ?? ''
  const bad = !t.result?.is_duplicate && (status === 'failed' || status === 'quarantined')
  return t.state === 'done' && bad ? 'bad' : t.state
}

const keyOf = (one: Said) => `${one.id} ${one.what}`
